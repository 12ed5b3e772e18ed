// Prompts at the terminal. If the terminal supports single keys (POSIX, with a TERM that is not dumb) pli edits the line
// itself, with bracketed paste (DEC private mode 2004): the terminal marks the beginning and end of a paste, so a
// pasted text is one answer, whatever its number of lines, and may exceed the 4,095 characters of a line that the
// system edits. Otherwise the system edits the line. Remaining input is read before the terminal is restored, because
// the shell would execute it. Earlier input is read before a question for consent, because it is no answer to it.

import { visible } from "../words/visible.ts";
import { fit, width } from "./report/lists.ts";
import type { CliContext } from "./session.ts";

/** Windows suspends no process of a terminal, and Deno refuses the signal there. */
const CAN_SUSPEND = Deno.build.os !== "windows";
const CLEAR_LINE = "\r\x1b[K";
/** Stands before the input of a question that has a line of its own. */
const SHORT_LEAD = ">";
/** A question with less room beside it has a line of its own. */
const LEAST_ROOM_COLUMNS = 10;
/** A paste without brackets ends after a pause of this length. */
const QUIET_MS = 60;
/** Earlier input is read until a pause of this length. A busy computer may need some time to deliver it. */
const EARLIER_QUIET_MS = 250;
/** Maximum number of reads of remaining input. */
const DISCARD_MAXIMUM_READS = 1_000;

export class Prompt implements AsyncDisposable {
  readonly #context: CliContext;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();
  readonly #line = new TypedLine();
  /** Switches the terminal to single keys and back; undefined if the system edits lines. */
  readonly #setRaw: ((isRaw: boolean) => void) | undefined;
  #question = "";
  /** What stands before the input: the question, or SHORT_LEAD below it. */
  #lead = "";
  /** The read in progress. */
  #reading: Promise<ReadableStreamReadResult<Uint8Array>> | undefined;
  #isEnded = false;

  /** Switches the terminal until it is disposed. */
  constructor(context: CliContext) {
    const { input } = context.ports.terminal;
    this.#context = context;
    this.#reader = input.readable.getReader();
    this.#setRaw = context.output.isPlain ? undefined : input.setRaw;
    this.#begin();
    if (this.#setRaw !== undefined && CAN_SUSPEND) Deno.addSignalListener("SIGCONT", this.#begin);
  }

  /** The answer to a question; null at the end of the input. Rejects with the signal's reason. */
  async ask(question: string): Promise<string | null> {
    const { output } = this.#context;
    this.#lead = this.#question = visible(question);
    if (this.#setRaw === undefined) output.ask(question);
    for (;;) {
      const next = this.#line.next();
      const answer = next === null || next === "end" ? null : next.line;
      this.#draw(answer ?? this.#line.text);
      if (next !== null) {
        if (this.#setRaw !== undefined) output.raw("\n");
        return answer;
      }
      if (this.#isEnded) return this.#rest();
      await this.#read();
    }
  }

  /**
   * As `ask`, for consent: input that arrived before the question is drawn is discarded, because who typed it had not
   * read the question.
   */
  async askForConsent(question: string): Promise<string | null> {
    const { output, signal } = this.#context;
    // What the question is about is drawn before it.
    await output.flush();
    await this.#discardEarlier();
    signal.throwIfAborted();
    return await this.ask(question);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#discard(QUIET_MS, DISCARD_MAXIMUM_READS);
    // A read in progress may reject, which is ignored; its result is for the next question.
    this.#reading?.catch(() => {});
    this.#reader.releaseLock();
    if (this.#setRaw === undefined) return;
    if (CAN_SUSPEND) Deno.removeSignalListener("SIGCONT", this.#begin);
    const { output, signal } = this.#context;
    output.raw((signal.aborted ? "\n" : "") + BRACKETED_PASTE_OFF);
    switchTo(this.#setRaw, false);
  }

  /** Prepares the terminal; called again after the process was suspended. */
  readonly #begin = (): void => {
    if (this.#setRaw === undefined) return;
    switchTo(this.#setRaw, true);
    this.#context.output.raw(BRACKETED_PASTE_ON);
    this.#lead = this.#question;
    this.#draw();
  };

  #draw(typed = this.#line.text): void {
    if (this.#setRaw === undefined || this.#question === "") return;
    const { output } = this.#context;
    const room = () => output.columns - width(this.#lead) - 2;
    if (this.#lead !== SHORT_LEAD && room() < LEAST_ROOM_COLUMNS) {
      // Drawn once, because the terminal wraps it, and only its last row could be cleared.
      output.raw(`${CLEAR_LINE}${this.#question}\n`);
      this.#lead = SHORT_LEAD;
    }
    output.raw(`${CLEAR_LINE}${this.#lead} ${tailOf(typed, room())}`);
  }

  /** An incomplete line before the end of the input. */
  #rest(): string | null {
    const { text } = this.#line;
    this.#line.text = "";
    return text === "" ? null : text;
  }

  async #read(): Promise<void> {
    const { signal } = this.#context;
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const abort = () => reject(signal.reason);
    signal.throwIfAborted();
    signal.addEventListener("abort", abort, { once: true });
    try {
      this.#take(await Promise.race([this.#next(), aborted]));
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  #next(): Promise<ReadableStreamReadResult<Uint8Array>> {
    return this.#reading ??= this.#reader.read();
  }

  #take({ value, done }: ReadableStreamReadResult<Uint8Array>): void {
    this.#reading = undefined;
    this.#line.add(this.#decoder.decode(value, { stream: !done }));
    this.#isEnded = done;
  }

  /** Discards all input so far. Where the system edits lines, it gives one that has no end only as single keys. */
  async #discardEarlier(): Promise<void> {
    const setRaw = this.#setRaw === undefined ? this.#context.ports.terminal.input.setRaw : undefined;
    switchTo(setRaw, true);
    try {
      this.#line.forget();
      await this.#discard(EARLIER_QUIET_MS, Infinity);
    } finally {
      switchTo(setRaw, false);
    }
  }

  /** Reads and discards input until there is none for a moment. */
  async #discard(quietMs: number, maximumReads: number): Promise<void> {
    const { signal } = this.#context;
    for (let reads = 0; reads < maximumReads && !this.#isEnded && !signal.aborted; reads++) {
      const { promise: isQuiet, resolve } = Promise.withResolvers<null>();
      const timer = setTimeout(() => resolve(null), quietMs);
      const read = await Promise.race([this.#next(), isQuiet]);
      clearTimeout(timer);
      if (read === null) return;
      this.#take(read);
      this.#line.forget();
    }
  }
}

function switchTo(setRaw: ((isRaw: boolean) => void) | undefined, isRaw: boolean): void {
  try {
    setRaw?.(isRaw);
  } catch {
    // The terminal is closed.
  }
}

/** The sequences that turn bracketed paste on and off. */
export const BRACKETED_PASTE_ON = "\x1b[?2004h";
export const BRACKETED_PASTE_OFF = "\x1b[?2004l";

/** Longer lines are cut. */
const MAXIMUM_CHARACTERS = 256 * 1024;
/** What is drawn is chosen from so many characters: several of them can share a cell. */
const CHARACTERS_PER_COLUMN = 32;
/** Maximum length of a key's escape sequence. */
const SEQUENCE_MAXIMUM_CHARACTERS = 32;
const PASTE_BEGINS = "\x1b[200~";
const PASTE_ENDS = "\x1b[201~";
// deno-lint-ignore no-control-regex
const CONTROL_SEQUENCE = /^\x1b(?:\[[0-?]*[ -/]*[@-~]|O[^\x1b]|[^[O\x1b])/;
// deno-lint-ignore no-control-regex
const CONTROL = /[\0-\x1f\x7f-\x9f]/g;

const KEY = {
  enter: "\r",
  lineFeed: "\n",
  backspace: "\x7f",
  controlH: "\b",
  endOfInput: "\x04",
  eraseLine: "\x15",
  eraseWord: "\x17",
  escape: "\x1b",
} as const;

/** A line that is typed and pasted at a terminal with single keys. Pure. */
export class TypedLine {
  /** Text since the last line. A paste keeps its line breaks. */
  text = "";
  #isPasting = false;
  /** Whether the rest of the paste is discarded. */
  #isForgotten = false;
  /** Whether the last pasted character is the first of a CR LF, which a read may cut. */
  #isAfterReturn = false;
  /** Unread input: the beginning of an escape sequence, or what follows a line. */
  #rest = "";

  /** Whether a paste has begun and not ended. */
  get isPasting(): boolean {
    return this.#isPasting;
  }

  /** Adds input from the terminal. */
  add(input: string): void {
    this.#rest += input;
  }

  /** Discards all input so far, and the rest of a paste that has begun. */
  forget(): void {
    while (this.next() !== null);
    this.text = "";
    this.#isForgotten = this.#isPasting;
    // It would take the next key for a part of its sequence.
    if (this.#rest === KEY.escape) this.#rest = "";
  }

  /** The next line; "end" for the end of the input on an empty line; null if neither is complete. */
  next(): { line: string } | "end" | null {
    while (this.#rest !== "") {
      if (this.#rest[0] === KEY.escape) {
        if (!this.#takeSequence()) return null;
      } else if (this.#isPasting) {
        this.#takePasted();
      } else {
        const ended = this.#takeKey();
        if (ended !== null) return ended;
      }
    }
    return null;
  }

  /** Reads an escape sequence; false if it is incomplete. */
  #takeSequence(): boolean {
    const [sequence] = CONTROL_SEQUENCE.exec(this.#rest) ?? [];
    if (sequence === undefined && this.#rest.length < SEQUENCE_MAXIMUM_CHARACTERS) return false;
    this.#rest = this.#rest.slice(sequence?.length ?? 1);
    this.#isAfterReturn = false;
    if (sequence === PASTE_BEGINS) this.#isPasting = true;
    if (sequence === PASTE_ENDS) this.#isPasting = this.#isForgotten = false;
    return true;
  }

  #takePasted(): void {
    const end = this.#rest.indexOf(KEY.escape);
    const pasted = end < 0 ? this.#rest : this.#rest.slice(0, end);
    this.#rest = this.#rest.slice(pasted.length);
    const text = this.#isAfterReturn && pasted[0] === "\n" ? pasted.slice(1) : pasted;
    this.#isAfterReturn = pasted.endsWith("\r");
    if (!this.#isForgotten) this.#append(text.replaceAll("\r\n", "\n").replaceAll("\r", "\n"));
  }

  #takeKey(): { line: string } | "end" | null {
    const [key] = this.#rest;
    this.#rest = this.#rest.slice(key.length);
    switch (key) {
      case KEY.enter:
      case KEY.lineFeed: {
        const line = this.text;
        this.text = "";
        return { line };
      }
      case KEY.endOfInput:
        return this.text === "" ? "end" : null;
      case KEY.backspace:
      case KEY.controlH:
        this.text = [...this.text].slice(0, -1).join("");
        return null;
      case KEY.eraseLine:
        this.text = "";
        return null;
      case KEY.eraseWord:
        this.text = this.text.replace(/\S*\s*$/, "");
        return null;
      default:
        this.#append(key.replace(CONTROL, " "));
        return null;
    }
  }

  #append(text: string): void {
    this.text = (this.text + text).slice(0, MAXIMUM_CHARACTERS);
  }
}

/** The end of a text that fits into so many columns of one line. */
export function tailOf(text: string, columns: number): string {
  const line = text.replace(/\s+/g, " ").replace(CONTROL, "");
  if (columns > 1) return fit(line.slice(-CHARACTERS_PER_COLUMN * columns), columns, "beginning");
  return width(line) <= columns ? line : "";
}
