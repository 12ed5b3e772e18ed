// Parses argv by the option tables of the commands. It refuses unknown arguments with a suggestion and accesses
// nothing: paths and tickets are checked later. Errors are pli's own, so the platform's parser only splits words and
// options.

import { parseArgs } from "node:util";
import { COMMAND_NAMES, type CommandName, commandNamed, COMMANDS, type Commands } from "./commands/table.ts";
import { findTicket, TICKET_PREFIX } from "../tickets/find_ticket.ts";
import { type ExitCode, invalid, UsageError } from "./errors.ts";
import {
  type Arguments,
  type Command,
  HELP_AND_VERSION,
  type Option,
  type OptionTable,
  PRINTED_FILES,
  type Shell,
} from "./options.ts";
import type { CliContext } from "./session.ts";

/** Replaces bytes that are not UTF-8 in an argument, which then names another file. */
const NOT_UNICODE = "\ufffd";

/** The word that asks for the help, of a command if one follows; it is no command, and has no options. */
const HELP = "help";

/** A parsed command line. */
export type Invocation =
  | { command: "help"; of: CommandName | null }
  | { command: "version" }
  | { command: "completions"; shell: Shell }
  | { command: "man" }
  | CommandInvocation;

/** A command with its arguments. */
export type CommandInvocation = {
  [N in CommandName]: {
    command: N;
    args: ReturnType<Commands[N]["read"]>;
    run(context: CliContext): Promise<ExitCode | void>;
  };
}[CommandName];

/** An option as it was typed. */
interface OptionToken {
  /** Index of its argument in the command line. */
  index: number;
  name: string;
  rawName: string;
  value?: string;
  inlineValue?: boolean;
}

/** Parses a command line. Throws UsageError. */
export function parseCommandLine(argv: readonly string[], commands: Commands): Invocation {
  const { words: [word, ...rest], tokens } = split(argv, commands);
  const isHelp = word === HELP;
  const named = isHelp ? rest[0] : word;
  const name = named === undefined ? null : commandNamed(named);
  if (named !== undefined && name === null) {
    if (isBlank(named)) throw new UsageError("argument_empty", {});
    if (named !== HELP) throw unknownCommand(named, isHelp ? rest.slice(1) : rest);
  }
  const isAsked = (question: keyof typeof HELP_AND_VERSION) =>
    tokens.some((token) => token.name === question);
  for (const token of tokens) checkOption(token, argv[token.index], name, commands);
  if (isAsked("version")) return { command: "version" };
  const { completions, man } = argumentsOf(tokens, PRINTED_FILES) as Arguments<typeof PRINTED_FILES>;
  if (completions !== null) return { command: "completions", shell: completions };
  if (man) return { command: "man" };
  if (isAsked("help") || isHelp || name === null) return { command: "help", of: name };
  // An empty path would mean the current folder, and an empty prefix would match every name.
  if (rest.some(isBlank)) throw new UsageError("argument_empty", {});
  const command: Command = commands[name];
  const optionWords = [...new Set(tokens.map(({ index }) => argv[index]))];
  const args = command.read(argumentsOf(tokens, command.OPTIONS), rest, optionWords);
  const run = (context: CliContext) => command.run(args, context);
  return { command: name, args, run } as CommandInvocation;
}

/** The words and the options of a command line, unchecked. Before the command is known, every option is accepted. */
function split(argv: readonly string[], commands: Commands): { words: string[]; tokens: OptionToken[] } {
  const options = Object.entries(tableOf(null, commands)).map(([name, { short, value }]) => {
    const type: "boolean" | "string" = value === undefined ? "boolean" : "string";
    return [name, short === undefined ? { type } : { type, short }] as const;
  });
  const { positionals, tokens } = parseArgs(
    {
      args: [...argv],
      strict: false,
      allowPositionals: true,
      tokens: true,
      options: Object.fromEntries(options),
    } as const,
  );
  return { words: positionals, tokens: tokens.filter((token) => token.kind === "option") };
}

/** The options of a command; of all commands when none is named. */
function tableOf(name: CommandName | null, commands: Commands): OptionTable {
  const tables = (name === null ? COMMAND_NAMES : [name]).map((each) => commands[each].OPTIONS);
  return Object.assign({}, ...tables, HELP_AND_VERSION, PRINTED_FILES);
}

/** `typed` is the argument that the option is in: `-qv` has two. */
function checkOption(
  token: OptionToken,
  typed: string,
  command: CommandName | null,
  commands: Commands,
): void {
  const { name, rawName, value, inlineValue } = token;
  const table = tableOf(command, commands);
  if (!Object.hasOwn(table, name)) throw unknownOption(token, typed, command, commands);
  if (table[name].value === undefined) {
    if (value !== undefined) throw new UsageError("option_with_value", { option: rawName });
    return;
  }
  // A value that looks like an option is one, and the value is missing, unless it is written with =.
  const isForgotten = value === undefined || (!inlineValue && value.length > 1 && value.startsWith("-"));
  if (!isForgotten && value.includes(NOT_UNICODE)) throw invalid(rawName, value, "unicode");
  // Of `-o=$NAME` with an unset variable the value is the = alone.
  const isUnset = !isForgotten && inlineValue && !rawName.startsWith("--") &&
    isBlank(value.replace(/^=/, ""));
  // By its long name, after which the advised = does not belong to the value.
  if (isForgotten || isBlank(value) || isUnset) {
    throw new UsageError("option_without_value", { option: `--${name}` });
  }
}

function unknownOption(
  { name, rawName }: OptionToken,
  typed: string,
  command: CommandName | null,
  commands: Commands,
): UsageError {
  const takers = takersOf(name, commands);
  if (takers.length > 0) return new UsageError("option_misplaced", { option: rawName, commands: takers });
  // Of `-keep` the first unknown letter is the option, and the whole word what was meant.
  const isLong = rawName.startsWith("--");
  const whole = typed.slice(1).replace(/=.*/s, "");
  const meant = isLong ? rawName.slice(2) : whole.length > 2 ? whole : "";
  const own = nearest(meant, Object.keys(tableOf(command, commands)));
  const near = own ?? nearest(meant, Object.keys(tableOf(null, commands)));
  return new UsageError("option_unknown", {
    option: isLong || near === null ? rawName : `-${meant}`,
    nearest: near === null ? null : `--${near}`,
    command,
    commands: own === null && near !== null ? takersOf(near, commands) : [],
  });
}

/** The commands that have an option. */
function takersOf(option: string, commands: Commands): readonly CommandName[] {
  return COMMAND_NAMES.filter((name) => Object.hasOwn(commands[name].OPTIONS, option));
}

/** The arguments of a command from checked options. Throws `option_value_invalid`. */
function argumentsOf(tokens: readonly OptionToken[], table: OptionTable): Arguments<OptionTable> {
  const args = Object.entries(table).map(([name, option]) => {
    const texts = tokens.filter((token) => token.name === name).map(({ value }) => value ?? "");
    const camelCase = name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
    if (option.value === undefined) return [camelCase, texts.length > 0];
    const values = texts.map((text) => valueOf(name, text, option));
    return [camelCase, option.isRepeatable ? values : values.at(-1) ?? null];
  });
  return Object.fromEntries(args);
}

function valueOf(name: string, text: string, { read, values, expected }: Option): unknown {
  const isListed = values === undefined || values.includes(text);
  const value = isListed && read !== undefined ? read(text) : isListed ? text : null;
  if (value === null && expected !== undefined) throw invalid(`--${name}`, text, expected);
  return value;
}

/** Whether a word of the command line is blank. `./ ` names a file called by a space. */
function isBlank(word: string): boolean {
  return word.trim() === "";
}

/** The error for a first word that is no command. Whether it is a path is checked later. */
function unknownCommand(command: string, rest: readonly string[]): UsageError {
  const names = [...COMMAND_NAMES.flatMap((name) => [name, ...COMMANDS[name].aliases]), HELP];
  const near = nearest(command, names);
  // Of `recieve TICKET` the first word is the error, of a pasted `sendme receive TICKET` it is not.
  const meant = near === null ? null : commandNamed(near);
  const takesTicket = meant !== null && COMMANDS[meant].usage.includes("{TICKET}");
  const hasTicket = command.toLowerCase().startsWith(TICKET_PREFIX) ||
    findTicket([command, ...rest].join(" ")).kind === "ticket";
  return new UsageError("command_unknown", {
    command,
    nearest: near,
    given: hasTicket && !takesTicket ? "ticket" : null,
  });
}

/** The candidate that the word begins, or that is at most two edits away; null if there is none. */
export function nearest(word: string, candidates: readonly string[]): string | null {
  const begun = candidates.filter((candidate) => word.length >= 2 && candidate.startsWith(word));
  if (begun.length === 1) return begun[0];
  const limit = word.length < 5 ? 1 : 2;
  const ranked = candidates
    .map((candidate) => ({ candidate, edits: editsBetween(word, candidate) }))
    .sort((a, b) => a.edits - b.edits);
  return ranked.length > 0 && ranked[0].edits <= limit ? ranked[0].candidate : null;
}

/** The edit distance with swaps of neighbouring characters (optimal string alignment). */
export function editsBetween(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = last[column - 1] + (a[row - 1] === b[column - 1] ? 0 : 1);
      current[column] = Math.min(replaced, last[column] + 1, current[column - 1] + 1);
      const isSwap = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (isSwap) current[column] = Math.min(current[column], beforeLast[column - 2] + 1);
    }
    [beforeLast, last] = [last, current];
  }
  return last[b.length];
}
