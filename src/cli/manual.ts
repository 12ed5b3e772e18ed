// The manual page of `pli --man`, in the markup of man(7), from the tables of commands, options, variables and exit
// codes. It is in English and in ASCII: characters beyond that are escapes, which groff and mandoc both read.

import { COMMAND_NAMES, type CommandName, COMMANDS, type Commands, ENVIRONMENT } from "./commands/table.ts";
import { EXIT } from "./errors.ts";
import { globText, type OptionName, usageOf } from "./help.ts";
import { COMMON, HELP_AND_VERSION, type Option, type OptionTable, PRINTED_FILES } from "./options.ts";
import { ENGLISH } from "./words.ts";

/** What each exit code means. */
const EXIT_MEANINGS: Readonly<Record<keyof typeof EXIT, string>> = {
  done: "Success.",
  failed: "A path does not exist, a question was answered with no, or pli has a defect.",
  usage: "The command line or the ticket is invalid.",
  unreachable: "The peer was not reached, or the connection was lost. A later attempt can succeed.",
  corrupt: "The data does not match the ticket, a source was changed, or a name was refused.",
  disk: "The disk failed or is full, or a permission is missing.",
  refused: "The peer refused the request or does not know the ticket.",
  partial: "The transfer ended without something that was selected: unreadable entries, changed files.",
  hangup: "The terminal was closed (SIGHUP).",
  interrupted: "Ctrl-C was typed (SIGINT).",
  outputClosed: "The reader of standard output has closed it.",
  terminated: "The process was terminated (SIGTERM).",
};

const DESCRIPTION = [
  "pli sends files and folders directly from one computer to another. The sender prints a ticket, a text that " +
  "contains the address and a hash of the content. The receiver passes the ticket to pli receive. Every byte is " +
  "verified against the ticket while it arrives.",
  "By default a ticket is for one receiver, once, and the sender runs until everything is delivered. Everyone who " +
  "has the ticket can receive: it is sent to the receiver over a channel that others do not read.",
  "Without a command, at a terminal, pli opens its page in the browser. An interrupted download continues with " +
  "pli resume, or by receiving the same ticket into the same folder again.",
];

/** Paths in the order of the systems, each with its content. */
const FILES: readonly (readonly [path: string, about: string])[] = [
  [
    "$XDG_DATA_HOME/pli, ~/.local/share/pli",
    "Linux: keys, unfinished transfers, hashes, history and settings.",
  ],
  ["~/Library/Application Support/pli", "The same on macOS."],
  ["%LOCALAPPDATA%\\pli", "The same on Windows. PLI_HOME names another folder."],
];

/** Command lines of a shell, without their redirections in the test. */
export const EXAMPLES: readonly (readonly [line: string, about: string])[] = [
  ["pli send holiday notes.txt", "Make one ticket for a folder and a file, and serve it to one receiver."],
  ["pli receive", "Prompt for the ticket, which then is not on a command line that other users can read."],
  ["pli receive -o downloads TICKET", "Receive into the folder downloads."],
  [
    "pli receive --only '*.jpg' --preview TICKET",
    "List the pictures of a ticket, and ask before they are received.",
  ],
  ["pli send --keep --limit 5M talks", "Serve any number of receivers with at most 5 megabytes per second."],
  ["pli send --name backup.tar - < backup.tar", "Send standard input under a name."],
  ["pli receive -o - TICKET > backup.tar", "Write the bytes of a single file to standard output."],
  ["pli resume --all", "Continue all interrupted downloads."],
  ["pli inspect --remote TICKET", "List the names and sizes of a ticket's files without receiving them."],
];

/** The page of a version. */
export function manualPage(version: string, commands: Commands): string {
  const lines = [
    `.TH PLI 1 "" "pli ${text(version)}" "User Commands"`,
    ".SH NAME",
    text("pli") + " \\- " + text("send files and folders directly from one computer to another"),
    ".SH SYNOPSIS",
    ".nf",
    ...COMMAND_NAMES.map((name) => bold(usageOf(name, ENGLISH))),
    ".fi",
    ".SH DESCRIPTION",
    ...DESCRIPTION.flatMap((paragraph) => [".PP", ...sentences(paragraph)]).slice(1),
    ".SH COMMANDS",
    ...COMMAND_NAMES.flatMap((name) => commandLines(name, commands)),
    ".SH COMMON OPTIONS",
    ...Object.entries<Option>(COMMON).flatMap(([name, option]) =>
      described(optionName(name, option), optionAbout(name, option, takersOf(name, commands)))
    ),
    ".SH PATTERNS",
    ...sentences(globText(ENGLISH)),
    ".SH EXIT STATUS",
    ...Object.entries(EXIT).flatMap(([name, code]) =>
      described(bold(String(code)), EXIT_MEANINGS[name as keyof typeof EXIT])
    ),
    ".SH ENVIRONMENT",
    ...ENVIRONMENT.flatMap((name) => described(bold(name), sentence(ENGLISH.catalogue.environment[name]))),
    ".SH FILES",
    ...FILES.flatMap(([path, about]) => described(italic(path), about)),
    ".SH EXAMPLES",
    ...EXAMPLES.flatMap(([line, about]) => described(bold(line), about)),
    ".SH SEE ALSO",
    ".BR scp (1),",
    ".BR rsync (1)",
  ];
  return `.\\" Printed by: pli --man\n${lines.join("\n")}\n`;
}

function commandLines(name: CommandName, commands: Commands): string[] {
  const aliases = COMMANDS[name].aliases.map((alias) => `pli ${alias}`).join(", ");
  const own = Object.entries<Option>(commands[name].OPTIONS).filter(([option]) => !(option in COMMON));
  return [
    `.SS ${text(usageOf(name, ENGLISH))}`,
    ...sentences(sentence(ENGLISH.catalogue.commands[name])),
    ...(aliases === "" ? [] : sentences(sentence(ENGLISH.say("helpAlso", { names: aliases })))),
    ...own.flatMap(([option, form]) => described(optionName(option, form), optionAbout(option, form, []))),
  ];
}

/** The commands that take a common option; none for one that all take. */
function takersOf(option: string, commands: Commands): readonly CommandName[] {
  if (option in HELP_AND_VERSION || option in PRINTED_FILES) return [];
  const takers = COMMAND_NAMES.filter((name) => option in (commands[name].OPTIONS as OptionTable));
  return takers.length === COMMAND_NAMES.length ? [] : takers;
}

function optionName(name: string, { short, value }: Option): string {
  const names = [...(short === undefined ? [] : [`-${short}`]), `--${name}`].map(bold).join(", ");
  return value === undefined ? names : `${names} ${italic(ENGLISH.catalogue.placeholders[value])}`;
}

function optionAbout(name: string, { isRepeatable }: Option, takers: readonly CommandName[]): string {
  const about = ENGLISH.catalogue.options[name as OptionName];
  const whole = sentence(isRepeatable ? ENGLISH.say("helpRepeatable", { words: about }) : about);
  return takers.length === 0 ? whole : `${whole} Commands: ${takers.join(", ")}.`;
}

/** A tagged paragraph. `tag` is in the markup already. */
function described(tag: string, about: string): string[] {
  return [".TP", tag, ...sentences(about)];
}

/** A phrase of the help as a sentence. */
function sentence(phrase: string): string {
  const end = /[.!?]$/.test(phrase) ? "" : ".";
  return `${phrase[0].toUpperCase()}${phrase.slice(1)}${end}`;
}

/** A text with each of its sentences on a line, where the formatter finds its end. */
function sentences(paragraph: string): string[] {
  return paragraph.split(/(?<=[.!?]) (?=[A-Z])/).map(text);
}

function bold(words: string): string {
  return `\\fB${text(words)}\\fR`;
}

function italic(words: string): string {
  return `\\fI${text(words)}\\fR`;
}

/** Characters that the formatter would read as markup, or print as others. */
const ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\(rs",
  "-": "\\-",
  "'": "\\(aq",
  '"': "\\(dq",
  "`": "\\(ga",
  "^": "\\(ha",
  "~": "\\(ti",
};

/** A text in the markup. A dot or a quote at its beginning would make its line a request. */
export function text(plain: string): string {
  const escaped = plain.replaceAll(/[\\'"`^~-]|[^\x20-\x7e]/gu, (one) => {
    return ESCAPES[one] ?? `\\[u${one.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}]`;
  });
  return escaped.startsWith(".") ? `\\&${escaped}` : escaped;
}
