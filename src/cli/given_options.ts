// The options of a command line, split off and checked against the table: known, of this command, with a
// value or without. What is wrong is told by us, in one voice with all other errors.

import { parseArgs } from "node:util";
import { nearest } from "./nearest.ts";
import { type CommandName, type OptionEntry, OPTIONS, takesOption } from "./options_table.ts";
import { UsageError } from "./usage_error.ts";

/** The options as they were given, checked against the table. */
export interface GivenOptions {
  has(name: string): boolean;
  /** The last value that was given. */
  value(name: string): string | null;
  values(name: string): readonly string[];
}

/** The words and the options of a command line, unchecked. */
export function splitCommandLine(argv: readonly string[]): { words: string[]; tokens: OptionToken[] } {
  const options = OPTIONS.map(({ name, short, value }) => {
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

/** An option as it was typed. */
export interface OptionToken {
  name: string;
  rawName: string;
  value?: string;
  inlineValue?: boolean;
}

/** Checks the options of a command. Throws UsageError for one that it does not take, or not in this form. */
export function checkOptions(tokens: readonly OptionToken[], command: CommandName | null): GivenOptions {
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
