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

/** Maximum length of a line, and the length where the help is not shown on a terminal. */
export const HELP_COLUMNS = 100;
/** Minimum length of a line of the right column. */
const RIGHT_COLUMNS = 30;

/** The help for pli as a whole, in lines of at most `width` characters where words permit it. */
export function overviewLines(words: Words, width: number): string[] {
  const { environment } = words.catalogue;
  const commands: Record<CommandName, string> = words.catalogue.commands;
  const rows = COMMAND_NAMES.map((name) => [usageOf(name, words), commands[name]] as const);
  return [
    ...wrapped(words.say("helpIntroduction"), width),
    "",
    ...columns(rows, width),
    "",
    words.say("helpCommon"),
    ...columns(optionRows(COMMON, words), width),
    "",
    words.say("helpEnvironment"),
    ...columns(ENVIRONMENT.map((name) => [name, environment[name]] as const), width),
    "",
    ...wrapped(words.say("helpMore"), width),
  ];
}

/** The help for a command with these options, in lines as in the overview. */
export function commandLines(
  command: CommandName,
  options: OptionTable,
  words: Words,
  width: number,
): string[] {
  const about = words.catalogue.commands[command];
  const takesGlob = Object.values(options).some(({ value }) => value === "GLOB");
  const names = COMMANDS[command].aliases.map((alias) => `pli ${alias}`).join(", ");
  return [
    usageOf(command, words),
    ...wrapped(`${about[0].toUpperCase()}${about.slice(1)}.`, width),
    ...(names === "" ? [] : [words.say("helpAlso", { names })]),
    "",
    ...columns(optionRows({ ...options, ...HELP_AND_VERSION }, words), width),
    ...(takesGlob ? ["", ...wrapped(globText(words), width)] : []),
  ];
}

/** The explanation of the patterns of --only and --exclude. */
export function globText(words: Words): string {
  return [
    words.say("helpGlob"),
    words.say("helpGlobParts", { one: "?" }),
    words.say("helpGlobMore", { either: "{a,b}" }),
    words.say("helpGlobEscape"),
    words.say("helpGlobNote", { one: "?" }),
  ].join(" ");
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

/** Two columns; the words of the right one are below those of the left one where the lines are too short for both. */
function columns(rows: readonly (readonly [string, string])[], width: number): string[] {
  const leftWidth = Math.max(...rows.map(([left]) => left.length));
  const indent = leftWidth + 4;
  if (width - indent < RIGHT_COLUMNS) {
    return rows.flatMap(([left, right]) => [
      `  ${left}`,
      ...wrapped(right, width - 8).map((line) => `        ${line}`),
    ]);
  }
  return rows.flatMap(([left, right]) =>
    wrapped(right, width - indent).map((line, at) =>
      at === 0 ? `  ${left.padEnd(leftWidth)}  ${line}` : " ".repeat(indent) + line
    )
  );
}

/** The lines of a paragraph, of at most `width` characters except where a word is longer. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line === "") line = word;
    else if (line.length + 1 + word.length <= width) line += ` ${word}`;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
}
