// The progress line: figures, path, redraw interval, and fitting into the window. It is pli's own, because it is one
// line and existing packages manage a whole screen.

import type { Figures } from "../../app/transfers/figures.ts";
import type { NetworkPath, WaitReason } from "../../engine/mod.ts";
import { fraction } from "../../words/amounts.ts";
import type { Words } from "../words.ts";
import type { Output } from "./output.ts";

/** Redraw interval. */
const INTERVAL_MS = 100;
/** Update interval of the duration of a wait. */
const TICK_MS = 1_000;

/** The parts of the line besides the figures. */
export interface TransferAbout {
  side: "receiving" | "sending";
  /** Label of one of several transfers; null for the only one. */
  label: string | null;
  totalFiles: number | null;
  /** The path of its receiver; by default the path of `follow`. */
  path?: NetworkPath | null;
}

export class ProgressDisplay implements Disposable {
  readonly #output: Output;
  readonly #nowMs: () => number;
  #path: string | null = null;
  /** The reason of a wait that was shown last; null after data has moved. */
  #waiting: string | null = null;
  #drawnMs = -Infinity;
  #ticker: ReturnType<typeof setInterval> | undefined;

  constructor(output: Output, nowMs: () => number = () => performance.now()) {
    this.#output = output;
    this.#nowMs = nowMs;
  }

  /** Shows the progress of hashing. */
  hash(shown: Omit<Figures, "stalledSeconds">): void {
    const doing = this.#output.words.say("hashing");
    this.#show({ ...shown, doing, stalled: null, totalFiles: null, path: null });
  }

  /** Shows the progress of a transfer, or its stall. */
  transfer(shown: Figures, { side, label, totalFiles, path }: TransferAbout): void {
    const { words } = this.#output;
    const { stalledSeconds } = shown;
    const way = path === undefined ? this.#path : path && pathInWords(path, words);
    const stalled = stalledSeconds === null
      ? null
      : words.fill(words.catalogue.stalls[side], { time: words.amounts.duration(stalledSeconds) });
    this.#show({ ...shown, doing: label, stalled, totalFiles, path: stalled === null ? way : null });
  }

  #show(state: ProgressState): void {
    const nowMs = this.#nowMs();
    const hasChanged = state.bytes === state.totalBytes || state.stalled !== null || this.isWaiting;
    this.moved();
    if (!hasChanged && nowMs - this.#drawnMs < INTERVAL_MS) return;
    this.#drawnMs = nowMs;
    this.#output.progress(progressLine(state, this.#output.columns, this.#output.words));
  }

  /** Shows a wait with its reason and duration, until something else is shown. */
  waitFor(reason: WaitReason): void {
    const { words } = this.#output;
    this.waitLong(words.say("waiting", { reason: words.catalogue.waits[reason] }));
  }

  /** The same, with given text. */
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

  /** Whether a wait was shown last. */
  get isWaiting(): boolean {
    return this.#waiting !== null;
  }

  /** Notes the end of a wait. */
  moved(): void {
    this.#waiting = null;
    if (this.#ticker === undefined) return;
    clearInterval(this.#ticker);
    this.#ticker = undefined;
  }

  [Symbol.dispose](): void {
    this.moved();
  }

  /** Shows a wait; as a separate line if no progress is drawn. */
  wait(words: string): void {
    const wasWaiting = this.#waiting;
    this.moved();
    if (this.#output.showsProgress) this.#output.progress(waitingLine(words, this.#output.columns));
    else if (words !== wasWaiting) this.#output.say(words);
    this.#waiting = words;
  }

  /** Notes the path; returns whether it has changed. */
  follow(path: NetworkPath): boolean {
    const words = pathInWords(path, this.#output.words);
    if (words === this.#path) return false;
    this.#path = words;
    return true;
  }

  /** The path as text; null if there is none. */
  get path(): string | null {
    return this.#path;
  }
}

/** `direct 203.0.113.7` or `relay relay.example.org`; with `isTimed` also the round-trip time. */
export function pathInWords({ kind, address, rttMs }: NetworkPath, words: Words, isTimed = false): string {
  const path = kind === "relay"
    ? words.say("relay", { address: URL.parse(address)?.hostname ?? address })
    : words.say("direct", { address: address.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1") });
  return isTimed ? words.say("roundTrip", { path, ms: Math.round(rttMs) }) : path;
}

const BAR_MINIMUM = 8;
const BAR_MAXIMUM = 24;
/** Percentage and amount, which are shown before the bar is. */
const ESSENTIAL_PARTS = 2;
const GAP = "  ";

export interface ProgressState {
  /** The activity as a word; null if the figures suffice. */
  doing: string | null;
  bytes: number;
  totalBytes: number;
  bytesPerSecond: number | null;
  /** The stall as text; null while data moves. */
  stalled: string | null;
  files: number;
  /** Null if it is unknown. */
  totalFiles: number | null;
  /** `direct 203.0.113.7`; null if it is unknown. */
  path: string | null;
}

/** One line, narrower than the window. */
export function progressLine(state: ProgressState, columns: number, words: Words): string {
  const room = columns - 1;
  const parts = partsOf(state, words);
  const widthWithBar = () => BAR_MINIMUM + GAP.length + parts.join(GAP).length;
  while (parts.length > ESSENTIAL_PARTS && widthWithBar() > room) parts.pop();
  while (parts.length > 1 && parts.join(GAP).length > room) parts.pop();
  const text = parts.join(GAP);
  const barWidth = Math.min(BAR_MAXIMUM, room - text.length - GAP.length);
  const line = barWidth < BAR_MINIMUM
    ? text
    : bar(fraction(state.bytes, state.totalBytes), barWidth) + GAP + text;
  return line.slice(0, Math.max(0, room));
}

/** A line without figures. */
export function waitingLine(words: string, columns: number): string {
  return words.slice(0, Math.max(0, columns - 1));
}

function partsOf(state: ProgressState, words: Words): string[] {
  const { doing, bytes, totalBytes, bytesPerSecond, stalled, files, totalFiles, path } = state;
  const { amounts } = words;
  const percent = amounts.percent(bytes, totalBytes);
  const parts = [
    doing === null ? percent : `${doing} ${percent}`,
    words.say("doneOf", { done: words.size(bytes), total: words.size(totalBytes) }),
  ];
  if (stalled !== null) parts.push(stalled);
  if (bytesPerSecond !== null) parts.push(amounts.speed(bytesPerSecond));
  if (bytesPerSecond !== null && bytesPerSecond > 0 && bytes < totalBytes) {
    const seconds = Math.ceil((totalBytes - bytes) / bytesPerSecond);
    parts.push(words.say("timeLeft", { time: amounts.duration(seconds) }));
  }
  if (path !== null) parts.push(path);
  parts.push(
    totalFiles === null ? words.files(files) : words.say("filesOf", { done: files, count: totalFiles }),
  );
  return parts;
}

function bar(part: number, width: number): string {
  const full = Math.floor(part * width);
  return "█".repeat(full) + "░".repeat(width - full);
}
