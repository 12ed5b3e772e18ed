// The help, made from the table of commands and options, and the words for them.

import {
  COMMAND_NAMES,
  type CommandName,
  COMMANDS,
  ENVIRONMENT,
  type Option,
  OPTIONS,
} from "./options_table.ts";
import type { Words } from "./words.ts";

/** The lines of the help for a command, or for pli as a whole. */
export function helpLines(command: CommandName | null, words: Words): string[] {
  return command === null ? overview(words) : commandHelp(command, words);
}

function overview(words: Words): string[] {
  const { commands, environment } = words.catalogue;
  const rows = COMMAND_NAMES.map((name) => [usageOf(name, words), commands[name]] as const);
  return [
    words.say("helpIntroduction"),
    "",
    ...columns(rows),
    "",
    words.say("helpEvery"),
    ...columns(OPTIONS.filter(({ of }) => of === undefined).map((option) => optionRow(option, words))),
    "",
    words.say("helpEnvironment"),
    ...columns(ENVIRONMENT.map((name) => [name, environment[name]] as const)),
    "",
    words.say("helpMore"),
  ];
}

function commandHelp(command: CommandName, words: Words): string[] {
  const { aliases } = COMMANDS[command];
  const about = words.catalogue.commands[command];
  const own = OPTIONS.filter(({ of }) => of?.includes(command));
  const shared = OPTIONS.filter(({ of }) => of === undefined);
  const takesGlob = own.some(({ value }) => value === "GLOB");
  const names = aliases.map((alias) => `pli ${alias}`).join(", ");
  return [
    usageOf(command, words),
    `${about[0].toUpperCase()}${about.slice(1)}.`,
    ...(names === "" ? [] : [words.say("helpAlso", { names })]),
    "",
    ...columns([...own, ...shared].map((option) => optionRow(option, words))),
    ...(takesGlob ? ["", words.say("helpGlob"), words.say("helpGlobParts")] : []),
  ];
}

function usageOf(command: CommandName, words: Words): string {
  return `pli ${words.fill(COMMANDS[command].usage, words.catalogue.placeholders)}`;
}

function optionRow(option: Option, words: Words): readonly [string, string] {
  const { name, short, value, isRepeatable } = option;
  const names = `${short === undefined ? "    " : `-${short}, `}--${name}`;
  const about = words.catalogue.options[name];
  return [
    value === undefined ? names : `${names} ${words.catalogue.placeholders[value]}`,
    isRepeatable ? words.say("helpRepeatable", { words: about }) : about,
  ];
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
