// The help, from the tables of commands and options and their words. A command, an option or a variable without words
// does not compile.

import { COMMAND_NAMES, type CommandName, COMMANDS, type Commands, ENVIRONMENT } from "./commands/table.ts";
import { COMMON, HELP_AND_VERSION, type Option, type OptionTable, type PRINTED_FILES } from "./options.ts";
import type { Words } from "./words.ts";

/** The name of every option. */
export type OptionName =
  | { [N in CommandName]: keyof Commands[N]["OPTIONS"] }[CommandName]
  | keyof typeof HELP_AND_VERSION
  | keyof typeof PRINTED_FILES;

/** The help for pli as a whole. */
export function overviewLines(words: Words): string[] {
  const { environment } = words.catalogue;
  const commands: Record<CommandName, string> = words.catalogue.commands;
  const rows = COMMAND_NAMES.map((name) => [usageOf(name, words), commands[name]] as const);
  return [
    words.say("helpIntroduction"),
    "",
    ...columns(rows),
    "",
    words.say("helpCommon"),
    ...columns(optionRows(COMMON, words)),
    "",
    words.say("helpEnvironment"),
    ...columns(ENVIRONMENT.map((name) => [name, environment[name]] as const)),
    "",
    words.say("helpMore"),
  ];
}

/** The help for a command with these options. */
export function commandLines(command: CommandName, options: OptionTable, words: Words): string[] {
  const about = words.catalogue.commands[command];
  const takesGlob = Object.values(options).some(({ value }) => value === "GLOB");
  const names = COMMANDS[command].aliases.map((alias) => `pli ${alias}`).join(", ");
  return [
    usageOf(command, words),
    `${about[0].toUpperCase()}${about.slice(1)}.`,
    ...(names === "" ? [] : [words.say("helpAlso", { names })]),
    "",
    ...columns(optionRows({ ...options, ...HELP_AND_VERSION }, words)),
    ...(takesGlob ? ["", ...globLines(words)] : []),
  ];
}

/** The explanation of the patterns of --only and --exclude. */
export function globLines(words: Words): string[] {
  return [
    words.say("helpGlob"),
    words.say("helpGlobParts", { one: "?" }),
    words.say("helpGlobMore", { either: "{a,b}" }),
    words.say("helpGlobEscape"),
    words.say("helpGlobNote", { one: "?" }),
  ];
}

/** `pli receive [TICKET]`. */
export function usageOf(command: CommandName, words: Words): string {
  return `pli ${words.fill(COMMANDS[command].usage, words.catalogue.placeholders)}`;
}

function optionRows(options: OptionTable, words: Words): (readonly [string, string])[] {
  const abouts: Record<OptionName, string> = words.catalogue.options;
  return Object.entries(options).map(([name, option]) => {
    const about = abouts[name as OptionName];
    return [
      optionColumn(name, option, words),
      option.isRepeatable ? words.say("helpRepeatable", { words: about }) : about,
    ];
  });
}

function optionColumn(name: string, { short, value }: Option, words: Words): string {
  const names = `${short === undefined ? "    " : `-${short}, `}--${name}`;
  return value === undefined ? names : `${names} ${words.catalogue.placeholders[value]}`;
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
