// The help, made from the table of commands and options.

import { type CommandName, COMMANDS, type OptionEntry, OPTIONS } from "./options_table.ts";

const INTRODUCTION = "pli sends files and folders straight from one computer to another.";
const ENVIRONMENT: readonly (readonly [string, string])[] = [
  ["PLI_TICKET", "the ticket, when none is given: other users can read a command line"],
  ["PLI_HOME", "where pli keeps its keys and its unfinished work"],
  ["IROH_SECRET", "the secret key to use, in hex or base32, instead of one of pli's own"],
  ["NO_COLOR", "print without colours"],
];
const GLOBS = [
  "GLOB is matched against a name in the ticket, such as holiday/2024/beach.jpg; one without / against each",
  "of its parts. * stands for anything but /, ** for any parts; neither for a leading dot.",
];

/** The lines of the help for a command, or for pli as a whole. */
export function helpLines(command: CommandName | null): string[] {
  return command === null ? overview() : commandHelp(command);
}

function overview(): string[] {
  const rows = Object.values(COMMANDS).map(({ usage, words }) => [`pli ${usage}`, words] as const);
  return [
    INTRODUCTION,
    "",
    ...columns(rows),
    "",
    "Options of every command:",
    ...columns(OPTIONS.filter(({ of }) => of === undefined).map(optionRow)),
    "",
    "Environment:",
    ...columns(ENVIRONMENT),
    "",
    "pli COMMAND --help tells the options of one command.",
  ];
}

function commandHelp(command: CommandName): string[] {
  const { usage, words, aliases } = COMMANDS[command];
  const own = OPTIONS.filter(({ of }) => of?.includes(command));
  const shared = OPTIONS.filter(({ of }) => of === undefined);
  const takesGlob = own.some(({ value }) => value === "GLOB");
  return [
    `pli ${usage}`,
    `${words[0].toUpperCase()}${words.slice(1)}.`,
    ...(aliases.length > 0 ? [`Also: ${aliases.map((alias) => `pli ${alias}`).join(", ")}`] : []),
    "",
    ...columns([...own, ...shared].map(optionRow)),
    ...(takesGlob ? ["", ...GLOBS] : []),
  ];
}

function optionRow({ name, short, value, isRepeatable, words }: OptionEntry): readonly [string, string] {
  const names = `${short === undefined ? "    " : `-${short}, `}--${name}`;
  return [value === undefined ? names : `${names} ${value}`, isRepeatable ? `${words} (repeatable)` : words];
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
