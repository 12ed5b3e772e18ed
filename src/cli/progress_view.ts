// From events to the progress line: what it counts, how fast that goes, over which path, and how often it is
// drawn.

import type { NetworkPath, TransferEvent, WaitReason } from "../engine/mod.ts";
import type { Output } from "./output.ts";
import { progressLine, type ProgressState, waitingLine } from "./progress_line.ts";
import { Rate } from "./rate.ts";
import type { Words } from "./words.ts";

/** Ten times a second is as often as anybody looks. */
const INTERVAL_MS = 100;
/** How often it is said how long something is waited for. */
const TICK_MS = 1_000;

type Count = Pick<ProgressState, "doing" | "bytes" | "totalBytes" | "files" | "totalFiles">;

type TransferProgress = Extract<TransferEvent, { type: "progress" }>;

export class ProgressView implements Disposable {
  readonly #output: Output;
  readonly #nowMs: () => number;
  #rate = new Rate();
  #path: string | null = null;
  /** Why nothing moves, as it was told last; null when something has moved since. */
  #waiting: string | null = null;
  #doing: string | null = null;
  #drawnMs = -Infinity;
  #ticker: ReturnType<typeof setInterval> | undefined;

  constructor(output: Output, nowMs: () => number = () => performance.now()) {
    this.#output = output;
    this.#nowMs = nowMs;
  }

  /** Shows how far it is. */
  count(count: Count): void {
    const nowMs = this.#nowMs();
    this.moved();
    if (count.doing !== this.#doing) [this.#doing, this.#rate] = [count.doing, new Rate()];
    this.#rate.note(count.bytes, nowMs);
    const isLast = count.bytes === count.totalBytes;
    if (!isLast && nowMs - this.#drawnMs < INTERVAL_MS) return;
    this.#drawnMs = nowMs;
    const state = { ...count, bytesPerSecond: this.#rate.bytesPerSecond, path: this.#path };
    this.#output.progress(progressLine(state, this.#output.columns, this.#output.words));
  }

  /** Shows how far a transfer is. */
  transfer({ bytes, total, files }: TransferProgress, totalFiles: number | null): void {
    this.count({ doing: null, bytes, totalBytes: total, files, totalFiles });
  }

  /** Shows why nothing moves, and for how long already, until something else is shown. */
  waitFor(reason: WaitReason): void {
    const { words } = this.#output;
    this.waitLong(words.say("waiting", { reason: words.catalogue.waits[reason] }));
  }

  /** The same, in words. */
  waitLong(words: string): void {
    if (words === this.#waiting) return;
    this.wait(words);
    if (!this.#output.showsProgress) return;
    const sinceMs = this.#nowMs();
    this.#ticker = setInterval(() => {
      const time = this.#output.words.amounts.duration(Math.round((this.#nowMs() - sinceMs) / 1000));
      this.#output.progress(waitingLine(`${words} ${time}`, this.#output.columns));
    }, TICK_MS);
  }

  /** Notes that what was waited for has come. */
  moved(): void {
    this.#waiting = null;
    if (this.#ticker === undefined) return;
    clearInterval(this.#ticker);
    this.#ticker = undefined;
  }

  [Symbol.dispose](): void {
    this.moved();
  }

  /** Shows that nothing moves, and why; as a line of its own where no progress is drawn. */
  wait(words: string): void {
    const wasWaiting = this.#waiting;
    this.moved();
    if (this.#output.showsProgress) this.#output.progress(waitingLine(words, this.#output.columns));
    else if (words !== wasWaiting) this.#output.say(words);
    this.#waiting = words;
  }

  /** Notes the path; true when it is another one than before. */
  follow(path: NetworkPath): boolean {
    const words = pathInWords(path, this.#output.words);
    if (words === this.#path) return false;
    this.#path = words;
    return true;
  }

  /** The path in words; null while there is none. */
  get path(): string | null {
    return this.#path;
  }
}

/** `direct 203.0.113.7` or `relay relay.example.org`; with how long there and back takes, where that is wanted. */
export function pathInWords({ kind, address, rttMs }: NetworkPath, words: Words, isTimed = false): string {
  const path = kind === "relay"
    ? words.say("relay", { address: URL.parse(address)?.hostname ?? address })
    : words.say("direct", { address: address.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1") });
  return isTimed ? words.say("roundTrip", { path, ms: Math.round(rttMs) }) : path;
}
