// What pli prints. Results go to standard output, words and progress to standard error, JSON lines where the
// result would go. Every text passes through `visible` here, so no name, whoever gave it, can reach the
// terminal raw. Writing never blocks the transfer: lines are queued, and `flush` waits for them.

import type { UnfinishedDownload } from "../app/downloads.ts";
import type { HistoryEntry } from "../app/views.ts";
import type { Ticket, TransferEvent } from "../engine/mod.ts";
import { visible } from "../words/visible.ts";
import type { FailureWords } from "./failure_words.ts";
import { safeJson } from "./safe_json.ts";
import type { OutputStream, Terminal } from "./terminal.ts";
import { ENGLISH, type Words } from "./words.ts";

export interface Manners {
  json: boolean;
  quiet: boolean;
  /** Whether colours are wanted, on a terminal. */
  color: boolean;
  /** Standard output carries received data: JSON lines go to standard error, and nothing is a result. */
  isDataOutput: boolean;
}

/** An unfinished download in a JSON line. */
export type DownloadLine =
  & { type: "download"; number: number; sender: string }
  & Omit<UnfinishedDownload, "ticket">;

/** Something that was sent or received, in a JSON line. */
export type EntryLine = { type: "entry"; endedAtMs: number } & Omit<HistoryEntry, "endedAt">;

/** What a JSON line tells: the engine's events, and some of the command line's own. */
export type JsonLine =
  | TransferEvent
  | ({ type: "inspection"; ticket: string; id: string; hash: string } & Omit<Ticket, "endpointId" | "hash">)
  | DownloadLine
  | EntryLine
  | { type: "listening"; url: string }
  | { type: "removed"; id: number; title: string | null }
  | { type: "cleared"; entries: number }
  | { type: "discarded"; number: number; title: string; folder: string }
  | ({ type: "error"; code: string; parameters: Readonly<Record<string, unknown>> } & FailureWords);

export type Tone = "plain" | "good" | "warning" | "bad" | "faint";

const SELECT_GRAPHIC: Readonly<Record<Tone, number>> = {
  plain: 0,
  good: 32,
  warning: 33,
  bad: 31,
  faint: 2,
};
/** A terminal that has not taken this many lines yet gets no more progress. */
const MAXIMUM_BEHIND = 16;
const CLEAR_LINE = "\r\x1b[K";

export class Output {
  readonly #terminal: Terminal;
  readonly #onClosed: () => void;
  #queue: Promise<void> = Promise.resolve();
  #queued = 0;
  #hasProgress = false;
  #fault: unknown;

  /** `onClosed` is called when standard output takes no more. */
  constructor(
    terminal: Terminal,
    readonly manners: Manners,
    readonly words: Words = ENGLISH,
    onClosed: () => void = () => {},
  ) {
    this.#terminal = terminal;
    this.#onClosed = onClosed;
  }

  /** Why standard output takes no more. */
  get fault(): unknown {
    return this.#fault;
  }

  /** Whether progress is drawn: on a terminal, unless it is to stay quiet. */
  get showsProgress(): boolean {
    return this.#terminal.error.isTerminal && !this.manners.quiet && !this.manners.json;
  }

  /** Whether somebody is there to answer a question. */
  get canAsk(): boolean {
    return this.#terminal.input.isTerminal && this.#terminal.error.isTerminal;
  }

  /** Whether results are read by somebody, and not by a program. */
  get isResultSeen(): boolean {
    return this.#terminal.output.isTerminal;
  }

  get columns(): number {
    return this.#terminal.columns();
  }

  /** A line of the result, for people and for scripts. */
  result(text: string): void {
    if (this.manners.json || this.manners.isDataOutput) return;
    this.#line(this.#terminal.output, text, "plain");
  }

  /** A line of words that -q and --json leave out. */
  say(text: string, tone: Tone = "plain"): void {
    if (!this.manners.quiet && !this.manners.json) this.#line(this.#terminal.error, text, tone);
  }

  /** A line of words that only --json leaves out: it has its own for this. */
  insist(text: string, tone: Tone = "plain"): void {
    if (!this.manners.json) this.#line(this.#terminal.error, text, tone);
  }

  /** Words that wait for an answer on the same line. */
  ask(text: string): void {
    this.#write(this.#terminal.error, `${visible(text)} `);
  }

  /** A JSON line, if JSON is wanted: `v` is the version of the lines' format. */
  json(value: JsonLine): void {
    if (!this.manners.json) return;
    const { output, error } = this.#terminal;
    this.#write(this.manners.isDataOutput ? error : output, `${safeJson({ v: 1, ...value })}\n`);
  }

  /** Replaces the progress line; left out while the terminal is far behind. */
  progress(text: string): void {
    if (!this.showsProgress || this.#queued > MAXIMUM_BEHIND) return;
    this.#enqueue(this.#terminal.error, CLEAR_LINE + visible(text));
    this.#hasProgress = true;
  }

  /** Takes the progress line away. */
  clearProgress(): void {
    if (!this.#hasProgress) return;
    this.#hasProgress = false;
    this.#enqueue(this.#terminal.error, CLEAR_LINE);
  }

  /** Writes a drawing or a command for the terminal, made by pli, as it is. */
  raw(text: string): void {
    this.#write(this.#terminal.error, text);
  }

  /** Whether colours are used for words. */
  get isColored(): boolean {
    return this.manners.color && this.#terminal.error.isTerminal;
  }

  /** Received data, waiting until it was taken. */
  async data(bytes: Uint8Array): Promise<void> {
    try {
      await this.#terminal.output.write(bytes);
    } catch (error) {
      this.#closed(error);
      throw error;
    }
  }

  /** Resolves when everything has been written. */
  flush(): Promise<void> {
    return this.#queue;
  }

  #line(stream: OutputStream, text: string, tone: Tone): void {
    const safe = visible(text);
    const isPlain = tone === "plain" || !this.manners.color || !stream.isTerminal;
    this.#write(stream, isPlain ? `${safe}\n` : `\x1b[${SELECT_GRAPHIC[tone]}m${safe}\x1b[0m\n`);
  }

  #write(stream: OutputStream, text: string): void {
    this.clearProgress();
    this.#enqueue(stream, text);
  }

  #enqueue(stream: OutputStream, text: string): void {
    this.#queued++;
    this.#queue = this.#queue.then(() => this.#drain(stream, text));
  }

  async #drain(stream: OutputStream, text: string): Promise<void> {
    try {
      await stream.write(new TextEncoder().encode(text));
    } catch (error) {
      // Without standard error there is nobody to tell; without standard output, nothing to do.
      if (stream === this.#terminal.output) this.#closed(error);
    } finally {
      this.#queued--;
    }
  }

  #closed(error: unknown): void {
    this.#fault ??= error;
    this.#onClosed();
  }
}
