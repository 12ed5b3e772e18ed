// The output of pli. Results go to standard output, messages and progress to standard error, JSON lines to the place
// of the result. Every text passes through `visible` here, so no name, whatever its source, reaches the terminal
// unescaped. Writing does not block the transfer: lines are queued, and `flush` waits for them.

import type { Notice } from "../../app/notices.ts";
import type { Integrated } from "../../app/integration.ts";
import type { UnfinishedDownload } from "../../app/transfers/unfinished_downloads.ts";
import type { HistoryEntry, ShareView } from "../../app/views.ts";
import type { EventOf, OnEvent, Ticket, TransferEvent } from "../../engine/mod.ts";
import { UNSAFE, visible } from "../../words/visible.ts";
import type { UnmatchedGlob } from "../../app/globs.ts";
import type { OutputStream, Terminal } from "../system.ts";
import { ENGLISH, type Words } from "../words.ts";
import { type CountEvent, HeldCounts } from "../../app/transfers/held_counts.ts";

export interface OutputMode {
  json: boolean;
  quiet: boolean;
  /** Whether colours are used on a terminal. */
  color: boolean;
  /** Standard output has received data, so JSON lines go to standard error and nothing is a result. */
  isDataOutput: boolean;
  /** The terminal supports no control sequences (TERM is dumb or not set): no colours, and no line is redrawn. */
  isPlain: boolean;
}

/** The sentences of a failure. */
export interface FailureWords {
  message: string;
  advice: string;
}

/** An unfinished download in a JSON line. */
export type DownloadLine =
  & { type: "download"; number: number; sender: string }
  & Omit<UnfinishedDownload, "ticket">;

/** A history entry in a JSON line. */
export type EntryLine = { type: "entry"; endedAtMs: number } & Omit<HistoryEntry, "endedAt">;

/** The options that take globs. */
export type GlobOption = "--exclude" | "--only";

/** The content of JSON lines: the engine's events, and those of the command line. */
export type JsonLine =
  | TransferEvent
  | (EventOf<"done"> & { folder: string | null; paths: readonly string[] })
  | ({ type: "inspection"; ticket: string; id: string; hash: string } & Omit<Ticket, "endpointId" | "hash">)
  | (EventOf<"refused"> & FailureWords)
  | { type: "ended"; state: ShareView["state"] }
  | DownloadLine
  | EntryLine
  | ({ type: "glob_unmatched"; option: GlobOption } & UnmatchedGlob)
  | { type: "options_unused"; options: readonly string[] }
  | { type: "option_is_file"; option: string }
  | { type: "listening"; url: string; file: string; code: string }
  | ({ type: "notice"; message: string } & Notice)
  | { type: "removed"; id: number; title: string | null }
  | { type: "cleared"; entries: number; isNewer: boolean; setAside: number }
  | ({ type: "integration" } & Integrated)
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
/** Number of queued lines from which progress is not drawn. */
const MAXIMUM_BEHIND = 16;
/** Number of queued lines from which the log is not written. */
const MAXIMUM_LOG_BEHIND = 1_000;
const CLEAR_LINE = "\r\x1b[K";

export class Output {
  readonly #terminal: Terminal;
  readonly #onClosed: () => void;
  readonly #counts = new HeldCounts();
  #queue: Promise<void> = Promise.resolve();
  #queued = 0;
  #hasProgress = false;
  #fault: unknown;

  /** `onClosed` is called when standard output cannot be written. */
  constructor(
    terminal: Terminal,
    readonly mode: OutputMode,
    readonly words: Words = ENGLISH,
    onClosed: () => void = () => {},
  ) {
    this.#terminal = terminal;
    this.#onClosed = onClosed;
  }

  /** The error of standard output. */
  get fault(): unknown {
    return this.#fault;
  }

  /** Whether progress is drawn: on a terminal without -q. */
  get showsProgress(): boolean {
    const { quiet, json, isPlain } = this.mode;
    return this.#terminal.error.isTerminal && !quiet && !json && !isPlain;
  }

  /** Whether the terminal knows no control sequences. */
  get isPlain(): boolean {
    return this.mode.isPlain;
  }

  /** Whether questions are possible: standard input and error are a terminal. */
  get canAsk(): boolean {
    return this.#terminal.input.isTerminal && this.#terminal.error.isTerminal;
  }

  /** Whether the result is shown on a terminal, and not read by a program. */
  get isResultSeen(): boolean {
    return this.#terminal.output.isTerminal;
  }

  /** The width to which tables of the result are truncated; null if a program reads them. */
  get resultColumns(): number | null {
    return this.isResultSeen ? this.columns : null;
  }

  get columns(): number {
    return this.#terminal.columns();
  }

  /** Prints a line of the result, for people and for scripts. */
  result(text: string): void {
    if (this.mode.json || this.mode.isDataOutput) return;
    this.#line(this.#terminal.output, text, "plain");
  }

  /** Prints a message, without -q and --json. */
  say(text: string, tone: Tone = "plain"): void {
    if (!this.mode.quiet && !this.mode.json) this.#line(this.#terminal.error, text, tone);
  }

  /** Prints a message also with -q, but not with --json, which has its own lines. */
  sayDespiteQuiet(text: string, tone: Tone = "plain"): void {
    if (!this.mode.json) this.#line(this.#terminal.error, text, tone);
  }

  /** Writes a line of the log unescaped. Returns false, without writing, while too many lines are queued. */
  log(line: string): boolean {
    if (this.#queued > MAXIMUM_LOG_BEHIND) return false;
    this.#write(this.#terminal.error, `${line}\n`);
    return true;
  }

  /** Prints a notice as a message or a JSON line; `binding_slow` as a message on a terminal only, and not with -q. */
  notice(notice: Notice): void {
    this.json({ type: "notice", ...notice, message: ENGLISH.notice(notice) });
    if (notice.code !== "binding_slow") this.sayDespiteQuiet(this.words.notice(notice), "warning");
    else if (this.#terminal.error.isTerminal) this.say(this.words.notice(notice), "warning");
  }

  /** Prints a question; the answer follows on the same line. */
  ask(text: string): void {
    this.#write(this.#terminal.error, `${visible(text)} `);
  }

  /** Prints a JSON line with --json, after the held counts that it follows. */
  json(value: JsonLine): void {
    if (!this.mode.json) return;
    for (const held of this.#counts.before(value)) this.#jsonLine(held);
    this.#jsonLine(value);
  }

  /** Prints a count as a JSON line with --json, at most ten times a second of each receiver, and the last one always. */
  jsonCount(event: CountEvent, nowMs: number): void {
    if (!this.mode.json) return;
    for (const due of this.#counts.next(event, nowMs)) this.#jsonLine(due);
  }

  /** `v` is the version of the format. */
  #jsonLine(value: JsonLine): void {
    const { output, error } = this.#terminal;
    this.#write(this.mode.isDataOutput ? error : output, `${safeJson({ v: 1, ...value })}\n`);
  }

  /** Replaces the progress line. Does nothing while too many lines are queued. */
  progress(text: string): void {
    if (!this.showsProgress || this.#queued > MAXIMUM_BEHIND) return;
    this.#enqueue(this.#terminal.error, CLEAR_LINE + visible(text));
    this.#hasProgress = true;
  }

  /** Removes the progress line. */
  clearProgress(): void {
    if (!this.#hasProgress) return;
    this.#hasProgress = false;
    this.#enqueue(this.#terminal.error, CLEAR_LINE);
  }

  /** Writes a drawing or a control sequence of pli unescaped. */
  raw(text: string): void {
    this.#write(this.#terminal.error, text);
  }

  /** Whether messages are coloured. */
  get isColored(): boolean {
    return this.mode.color && this.#terminal.error.isTerminal;
  }

  /** Writes received data. Resolves when it was taken. */
  async data(bytes: Uint8Array): Promise<void> {
    try {
      await this.#terminal.output.write(bytes);
    } catch (error) {
      this.#closed(error);
      throw error;
    }
  }

  /** Resolves when everything has been written, also the held counts. */
  flush(): Promise<void> {
    for (const held of this.#counts.all()) this.#jsonLine(held);
    return this.#queue;
  }

  #line(stream: OutputStream, text: string, tone: Tone): void {
    const safe = visible(text);
    const isPlain = tone === "plain" || !this.mode.color || !stream.isTerminal;
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
      // Without standard error messages are lost; without standard output the command ends.
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

/** A function that prints events as JSON lines, with --json. Counts are printed at intervals, see `HeldCounts`. */
export function jsonEvents(output: Output, nowMs: () => number = () => performance.now()): OnEvent {
  return (event: TransferEvent) => {
    if (event.type === "progress" || event.type === "hashing") output.jsonCount(event, nowMs());
    else output.json(event);
  };
}

/** A value as one line of JSON, with every invisible character escaped. */
export function safeJson(value: unknown): string {
  return JSON.stringify(value).replace(UNSAFE, (character) => {
    return character.split("").map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`).join(
      "",
    );
  });
}
