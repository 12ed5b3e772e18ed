// argv, read into one plain value per command. Refuses what it does not know, names what was probably meant,
// and touches nothing: whether a path exists or a ticket can be read shows later.

import { parseArgs } from "node:util";
import type { ExistingPolicy, TicketKind } from "../engine/mod.ts";
import { nearest } from "./nearest.ts";
import {
  type CommandName,
  commandNamed,
  COMMANDS,
  type OptionEntry,
  OPTIONS,
  takesOption,
} from "./options_table.ts";
import { UsageError } from "./usage_error.ts";

const TICKET_KINDS: readonly TicketKind[] = ["relay", "id", "addresses", "all"];
const EXISTING = ["overwrite", "rename", "skip"] as const satisfies readonly ExistingPolicy[];

export interface CommonArguments {
  relay: string;
  bind: string | null;
  json: boolean;
  quiet: boolean;
  verbose: boolean;
  color: boolean;
}

/** What is sent: paths, or standard input under a name. */
export type SendSource = { kind: "paths"; paths: readonly string[] } | { kind: "input"; name: string };

export interface SendArguments extends CommonArguments {
  command: "send";
  source: SendSource;
  keep: boolean;
  ticketKind: TicketKind;
  exclude: readonly string[];
  copy: boolean;
  qr: boolean;
}

export interface ReceiveArguments extends CommonArguments {
  command: "receive";
  /** A ticket, or a pasted line that holds one; null when it comes from elsewhere. */
  ticketText: string | null;
  /** Null is standard output. */
  folder: string | null;
  only: readonly string[];
  existing: ExistingPolicy;
  preview: boolean;
  yes: boolean;
}

export interface InspectArguments extends CommonArguments {
  command: "inspect";
  ticketText: string | null;
  remote: boolean;
}

export type Invocation =
  | { command: "help"; of: CommandName | null }
  | { command: "version" }
  | SendArguments
  | ReceiveArguments
  | InspectArguments;

/** The options as they were given, checked against the table. */
interface Given {
  has(name: string): boolean;
  /** The last value that was given. */
  value(name: string): string | null;
  values(name: string): readonly string[];
}

/** Reads a command line. Throws UsageError. */
export function parseArguments(argv: readonly string[]): Invocation {
  const { positionals, tokens } = parseArgs({
    args: [...argv],
    // What is unknown is told by us, in one voice with all other errors.
    strict: false,
    allowPositionals: true,
    tokens: true,
    options: Object.fromEntries(OPTIONS.map(({ name, short, value }) => {
      return [name, { type: value === undefined ? "boolean" : "string", ...(short && { short }) } as const];
    })),
  });
  const options = tokens.filter((token) => token.kind === "option");
  const [word, ...rest] = positionals;
  const command = word === undefined ? null : commandNamed(word);
  if (word !== undefined && command === null) throw unknownCommand(word);
  const given = checkOptions(options, command);
  if (given.has("version")) return { command: "version" };
  if (given.has("help") || command === null) return { command: "help", of: command };
  if (command === "send") return sendArguments(given, rest);
  if (command === "receive") return receiveArguments(given, rest);
  return { command, ...common(given), ticketText: ticketText(rest), remote: given.has("remote") };
}

function sendArguments(given: Given, paths: readonly string[]): SendArguments {
  const kind = given.value("ticket") ?? "relay";
  if (!isOneOf(TICKET_KINDS, kind)) throw invalid("--ticket", kind, TICKET_KINDS.join(", "));
  return {
    command: "send",
    ...common(given),
    source: sendSource(given, paths),
    keep: given.has("keep"),
    ticketKind: kind,
    exclude: given.values("exclude"),
    copy: given.has("copy"),
    qr: given.has("qr"),
  };
}

function sendSource(given: Given, paths: readonly string[]): SendSource {
  const name = given.value("name");
  if (paths.length === 0) throw new UsageError("paths_missing", {});
  if (!paths.includes("-")) {
    if (name !== null) throw new UsageError("name_without_input", {});
    return { kind: "paths", paths };
  }
  if (paths.length > 1) throw new UsageError("input_not_alone", {});
  if (name !== null && !isFileName(name)) throw invalid("--name", name, "a file name without a folder");
  return { kind: "input", name: name ?? "stdin" };
}

function receiveArguments(given: Given, words: readonly string[]): ReceiveArguments {
  const out = given.value("out") ?? ".";
  const existing = EXISTING.filter((policy) => given.has(policy));
  if (existing.length > 1) throw exclusive(existing.map((policy) => `--${policy}`));
  if (out === "-" && existing.length > 0) throw exclusive(["-o -", `--${existing[0]}`]);
  return {
    command: "receive",
    ...common(given),
    ticketText: ticketText(words),
    folder: out === "-" ? null : out,
    only: given.values("only"),
    existing: existing[0] ?? "merge",
    preview: given.has("preview"),
    yes: given.has("yes"),
  };
}

function common(given: Given): CommonArguments {
  return {
    relay: given.value("relay") ?? "default",
    bind: given.value("bind"),
    json: given.has("json"),
    quiet: given.has("quiet"),
    verbose: given.has("verbose"),
    color: !given.has("no-color"),
  };
}

/** A ticket is the last word of what was given; `sendme receive blob…` pasted whole has others before it. */
function ticketText(words: readonly string[]): string | null {
  const ticket = words.findIndex((word) => word.startsWith("blob"));
  const unexpected = ticket < 0 ? words[1] : words[ticket + 1];
  if (unexpected !== undefined) throw new UsageError("argument_unexpected", { argument: unexpected });
  return words.length === 0 ? null : words.join(" ");
}

interface OptionToken {
  name: string;
  rawName: string;
  value?: string;
  inlineValue?: boolean;
}

function checkOptions(tokens: readonly OptionToken[], command: CommandName | null): Given {
  for (const token of tokens) checkOption(token, command);
  const values = (name: string) =>
    tokens.filter((token) => token.name === name).map(({ value }) => value ?? "");
  return {
    has: (name) => tokens.some((token) => token.name === name),
    value: (name) => values(name).at(-1) ?? null,
    values,
  };
}

function checkOption({ name, rawName, value, inlineValue }: OptionToken, command: CommandName | null): void {
  const option = OPTIONS.find((entry) => entry.name === name);
  if (option === undefined) throw unknownOption(rawName, command);
  if (!takesOption(command, option)) {
    throw new UsageError("option_misplaced", { option: rawName, command: option.of!.join(", ") });
  }
  if (option.value === undefined) {
    if (value !== undefined) throw new UsageError("option_with_value", { option: rawName });
    return;
  }
  // A value that looks like an option is one: its own value was forgotten. Written with = it is meant.
  const isForgotten = value === undefined || (!inlineValue && value.length > 1 && value.startsWith("-"));
  if (isForgotten || value === "") throw new UsageError("option_without_value", { option: rawName });
}

function unknownOption(option: string, command: CommandName | null): UsageError {
  const known = OPTIONS.filter((entry: OptionEntry) => takesOption(command, entry)).map(({ name }) => name);
  const near = option.startsWith("--") ? nearest(option.slice(2), known) : null;
  return new UsageError("option_unknown", { option, nearest: near === null ? null : `--${near}` });
}

function unknownCommand(command: string): UsageError {
  const names = Object.entries(COMMANDS).flatMap(([name, { aliases }]) => [name, ...aliases]);
  return new UsageError("command_unknown", { command, nearest: nearest(command, names) });
}

function invalid(option: string, value: string, expected: string): UsageError {
  return new UsageError("option_value_invalid", { option, value, expected });
}

function exclusive(options: readonly string[]): UsageError {
  return new UsageError("options_exclusive", { options });
}

function isOneOf<T extends string>(values: readonly T[], value: string): value is T {
  return (values as readonly string[]).includes(value);
}

function isFileName(name: string): boolean {
  return !/[/\\\0]/.test(name) && name !== "." && name !== "..";
}
