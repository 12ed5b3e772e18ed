// Reads a ticket from the command line, PLI_TICKET, standard input, or the prompt. The last three exist because other
// users of a computer can read its command lines.

import { readPastedTicket, type Ticket } from "../engine/mod.ts";
import { findTicket } from "../tickets/find_ticket.ts";
import { UsageError } from "./errors.ts";
import { Prompt } from "./prompt.ts";
import { inputFailure } from "./report/failure.ts";
import type { CliContext } from "./session.ts";

/** Maximum of standard input that is searched for a ticket. */
const INPUT_MAXIMUM_CHARACTERS = 1024 * 1024;

/** The ticket of a command. Throws `ticket_missing`, `ticket_malformed`. */
export async function readTicket(argument: string | null, context: CliContext): Promise<Ticket> {
  const variable = context.ports.environment("PLI_TICKET") ?? "";
  const args = argument ?? (variable.trim() === "" ? null : variable);
  return readPastedTicket(await textWithTicket(args, context));
}

/**
 * The given text, completed if it is the beginning of a ticket: of a wrapped ticket that is pasted behind a command,
 * the command line gets the first line and the terminal the others.
 */
async function textWithTicket(args: string | null, context: CliContext): Promise<string> {
  const { canAsk } = context.output;
  if (args !== null && !(canAsk && findTicket(args).kind === "unfinished")) return args;
  const text = canAsk ? await typedText(args ?? "", context) : await inputText(context);
  if (text.trim() === "") throw new UsageError("ticket_missing", {});
  return text;
}

/** Prompts for lines until they contain a ticket. */
async function typedText(begun: string, context: CliContext): Promise<string> {
  const { words } = context.output;
  await using prompt = new Prompt(context);
  let text = begun;
  for (let found = findTicket(text); found.kind !== "ticket"; found = findTicket(text)) {
    const isUnfinished = found.kind === "unfinished";
    const question = isUnfinished ? "askTicketRest" : text === "" ? "askTicket" : "askTicketAgain";
    const line = await prompt.ask(words.say(question));
    if (line === null) break;
    if (line !== "") text = `${text.slice(found.from)}\n${line}`.slice(-INPUT_MAXIMUM_CHARACTERS);
  }
  return text;
}

/** Reads standard input until it contains a ticket: the output of another pli or sendme can be piped in. */
async function inputText({ ports, signal }: CliContext): Promise<string> {
  const decoder = new InputDecoder();
  let text = "";
  let searchedFrom = 0;
  const input = ports.terminal.input.readable.values({ preventCancel: true });
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.throwIfAborted();
  signal.addEventListener("abort", abort, { once: true });
  try {
    while (text.length < INPUT_MAXIMUM_CHARACTERS) {
      const { value, done } = await Promise.race([input.next().catch(unreadable), aborted]);
      if (done) break;
      const more = decoder.decode(value);
      text += more;
      // A ticket is searched for in complete lines.
      if (!/[\n\r]/.test(more)) continue;
      const rest = text.slice(searchedFrom);
      const found = findTicket(rest);
      if (found.kind === "ticket") return rest;
      searchedFrom += found.from;
    }
    return text;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** Decodes UTF-8; or UTF-16 after its byte order mark, which Windows PowerShell 5 writes by `pli send … > FILE`. */
class InputDecoder {
  #decoder: TextDecoder | null = null;
  /** The first byte, until the second shows the encoding. */
  #first: Uint8Array = new Uint8Array(0);

  /** The text of the next bytes. */
  decode(bytes: Uint8Array): string {
    if (this.#decoder !== null) return this.#decoder.decode(bytes, { stream: true });
    const begun = new Uint8Array(this.#first.length + bytes.length);
    begun.set(this.#first);
    begun.set(bytes, this.#first.length);
    this.#first = begun;
    if (begun.length < 2) return "";
    this.#decoder = new TextDecoder(encodingOf(begun));
    return this.#decoder.decode(begun, { stream: true });
  }
}

function encodingOf([first, second]: Uint8Array): string {
  if (first === 0xff && second === 0xfe) return "utf-16le";
  return first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
}

function unreadable(cause: unknown): never {
  throw inputFailure(cause, "ticket");
}
