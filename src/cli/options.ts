// Typed option tables. The table of a command defines its parsing, its help, and the type of its arguments. This file
// has the types of tables, the options that several commands have, and the parsing of their values.

import { findTicket, TICKET_PREFIX } from "../tickets/find_ticket.ts";
import { type ExitCode, type Expectation, UsageError } from "./errors.ts";
import type { CliContext } from "./session.ts";

/** Placeholders for values in the help. */
export type Placeholder =
  | "PATH"
  | "TICKET"
  | "N"
  | "KIND"
  | "GLOB"
  | "NAME"
  | "DIR"
  | "TIME"
  | "SPEED"
  | "URL"
  | "RELAY"
  | "ADDRESS"
  | "LEVEL"
  | "SHELL";

/** An option; without `value` it is a switch. */
export interface Option {
  readonly short?: string;
  readonly value?: Placeholder;
  readonly isRepeatable?: true;
  /** All valid values, if there are few. */
  readonly values?: readonly string[];
  /**
   * The value of a text, by default the text itself; null if it is invalid, and `expected` describes the valid form.
   */
  readonly read?: (text: string) => unknown;
  readonly expected?: Expectation;
}

/** The options of a command by their names, in the order of the help. */
export type OptionTable = Readonly<Record<string, Option>>;

/** The arguments of a table: `skipUnreadable` of --skip-unreadable. An absent option is null. */
export type Arguments<T extends OptionTable> = { readonly [N in keyof T as CamelCase<N>]: Argument<T[N]> };

type Argument<O extends Option> = O extends { value: Placeholder }
  ? O extends { isRepeatable: true } ? readonly Value<O>[] : Value<O> | null
  : boolean;
type Value<O extends Option> = O extends { values: readonly (infer V)[] } ? V
  : O extends { read: (text: string) => infer V } ? NonNullable<V>
  : string;
type CamelCase<N> = N extends `${infer First}-${infer Rest}` ? `${First}${Capitalize<CamelCase<Rest>>}` : N;

/** The exports of a command's module, `A` being its arguments. */
export interface Command<A = unknown> {
  readonly OPTIONS: OptionTable;
  /** Reads the words that are no options, and checks combinations. Throws UsageError. */
  read(args: Arguments<OptionTable>, words: readonly string[], optionWords: readonly string[]): A;
  /** Resolves to the exit code if the command has more than one besides errors. */
  run(args: A, context: CliContext): Promise<ExitCode | void>;
}

/** The switches that replace the run of a command. */
export const HELP_AND_VERSION = { help: { short: "h" }, version: {} } as const satisfies OptionTable;

/** The options that print a file for another program, also without a command. */
export const PRINTED_FILES = {
  completions: { value: "SHELL", values: ["bash", "zsh", "fish"], expected: "shell" },
  man: {},
} as const satisfies OptionTable;

export type Shell = typeof PRINTED_FILES.completions.values[number];

/** The options of every command. */
export const OUTPUT = {
  json: {},
  quiet: { short: "q" },
  verbose: { short: "v" },
  "no-color": {},
} as const satisfies OptionTable;

/** The options of the commands that use the network. */
export const NETWORK = {
  relay: { value: "RELAY" },
  "relay-ca": { value: "PATH" },
} as const satisfies OptionTable;

/** For commands with one endpoint. Each share and each download of the page has an endpoint of its own. */
export const BIND = { bind: { value: "ADDRESS" } } as const satisfies OptionTable;

/** Of the commands that have an endpoint. */
export const LOG = { log: { value: "LEVEL" }, "log-file": { value: "PATH" } } as const satisfies OptionTable;

export const LIMIT = { limit: { value: "SPEED" } } as const satisfies OptionTable;

/** The time limits for an unreachable sender. */
export const WAIT = {
  wait: {},
  "give-up": { value: "TIME", read: durationMs, expected: "time" },
} as const satisfies OptionTable;

/** The options that are listed in the overview. */
export const COMMON = {
  ...NETWORK,
  ...BIND,
  ...LOG,
  ...OUTPUT,
  ...HELP_AND_VERSION,
  ...PRINTED_FILES,
} as const;

const DURATION_UNIT_MS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `90s`, `5m`, `2h`, `1d` or plain seconds, in milliseconds; null when it is none of them, or no time at all. */
function durationMs(text: string): number | null {
  const [, amount, unit] = /^(\d{1,9}(?:\.\d{1,3})?)([smhd]?)$/.exec(text) ?? [];
  // Also null for 0, in which no sender can be reached.
  return Number(amount ?? 0) * DURATION_UNIT_MS[unit || "s"] || null;
}

/**
 * The words of a ticket: a pasted `sendme receive blob…` has others before it, a wrapped one is several. Throws
 * `argument_unexpected` for words after it, such as a folder without `-o`. Null without words.
 */
export function ticketText(words: readonly string[]): string | null {
  if (words.length === 0) return null;
  const text = words.join(" ");
  const found = findTicket(text);
  if (found.kind === "unfinished") return text;
  const end = found.kind === "ticket" ? wordAt(words, found.end - 1) : -1;
  const like = words.findIndex((word) => word.toLowerCase().startsWith(TICKET_PREFIX));
  const unexpected = words[Math.max(end, like, 0) + 1];
  if (unexpected !== undefined) throw new UsageError("argument_unexpected", { argument: unexpected });
  return text;
}

/** The index of the word at a position of the words joined by spaces. */
function wordAt(words: readonly string[], place: number): number {
  let end = -1;
  return words.findIndex((word) => place < (end += word.length + 1));
}
