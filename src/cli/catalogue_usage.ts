// What can be wrong with a command line, in words.

import type { Rows } from "./catalogue_row.ts";
import { EXIT } from "./exit_codes.ts";
import type { UsageParameters } from "./usage_error.ts";

/** How many names an error tells at most. */
const NAMES_SHOWN = 3;
const HELP = "Run pli --help to see what it can do.";

export const USAGE_CATALOGUE: Rows<UsageParameters> = {
  command_unknown: {
    exit: EXIT.usage,
    message: ({ command }) => `there is no command ${shortened(command)}`,
    advice: ({ command, nearest }) => {
      if (command.startsWith("blob")) {
        return "To receive what this ticket names, write pli receive before it.";
      }
      if (nearest !== null) return `Did you mean pli ${nearest}?`;
      return `To send a file or a folder, write pli send before it. ${HELP}`;
    },
  },
  option_unknown: {
    exit: EXIT.usage,
    message: ({ option }) => `there is no option ${option} here`,
    advice: ({ nearest }) => nearest === null ? HELP : `Did you mean ${nearest}?`,
  },
  option_misplaced: {
    exit: EXIT.usage,
    message: ({ option, command }) => `${option} belongs to pli ${command}`,
    advice: () => "Leave it out here.",
  },
  option_without_value: {
    exit: EXIT.usage,
    message: ({ option }) => `${option} needs a value`,
    advice: ({ option }) => `Write it after the option; one that begins with - as ${option}=VALUE.`,
  },
  option_with_value: {
    exit: EXIT.usage,
    message: ({ option }) => `${option} takes no value`,
    advice: ({ option }) => `Write ${option} alone.`,
  },
  option_value_invalid: {
    exit: EXIT.usage,
    message: ({ option, value }) => `${option} cannot be ${value}`,
    advice: ({ expected }) => `It takes ${expected}.`,
  },
  options_exclusive: {
    exit: EXIT.usage,
    message: ({ options }) => `${options.join(" and ")} exclude each other`,
    advice: () => "Give one of them.",
  },
  paths_missing: {
    exit: EXIT.usage,
    message: () => "nothing to send was named",
    advice: () => "Name files or folders: pli send PATH… (- is standard input).",
  },
  input_not_alone: {
    exit: EXIT.usage,
    message: () => "standard input (-) cannot be sent together with paths",
    advice: () => "Send it by itself: pli send -",
  },
  name_without_input: {
    exit: EXIT.usage,
    message: () => "--name is for standard input; files and folders keep their own names",
    advice: () => "Rename the file before sending it, or send it as pli send - --name NAME < FILE.",
  },
  argument_unexpected: {
    exit: EXIT.usage,
    message: ({ argument }) => `${shortened(argument)} is one argument too many`,
    advice: () => "A ticket stands alone. To choose the folder, use -o DIR.",
  },
  ticket_missing: {
    exit: EXIT.usage,
    message: () => "no ticket was given",
    advice: () => "Give it as an argument, on standard input, or in PLI_TICKET.",
  },
  discard_unchosen: {
    exit: EXIT.usage,
    message: () => "what to discard was not said",
    advice: () => "Give its number in the list of pli resume, or --all.",
  },
  download_unknown: {
    exit: EXIT.failed,
    message: ({ which }) => `no unfinished download has the number ${shortened(which)}, or begins like that`,
    advice: () => "Run pli resume to see what there is.",
  },
  download_ambiguous: {
    exit: EXIT.usage,
    message: ({ which, numbers }) =>
      `${numbers.length} unfinished downloads begin with ${shortened(which)} (${numbers.join(", ")})`,
    advice: () => "Give the number of the one that is meant.",
  },
  argument_unwanted: {
    exit: EXIT.usage,
    message: ({ command, argument }) => `pli ${command} takes no argument, and ${shortened(argument)} is one`,
    advice: ({ command, argument }) => {
      if (command === "history") {
        return `To forget an entry, write pli history --remove ${shortened(argument)}.`;
      }
      return argument.startsWith("blob")
        ? "To receive what this ticket names, write pli receive before it, or paste it into the page."
        : "To send a file or a folder, write pli send before it, or drop it on the page.";
    },
  },
  page_silent: {
    exit: EXIT.failed,
    message: ({ home }) => `another pli serves the page of ${home}, and does not answer`,
    advice: () =>
      "End that one, or wait until it has ended. pli ui --separate opens a page of its own meanwhile.",
  },
  remove_unchosen: {
    exit: EXIT.usage,
    message: () => "what to forget was not said",
    advice: () => "Give the number that pli history shows; --clear forgets everything.",
  },
  entry_unknown: {
    exit: EXIT.failed,
    message: ({ which }) => `the history has no entry ${shortened(which)}`,
    advice: () => "Run pli history to see the numbers. Nothing was forgotten.",
  },
  consent_needed: {
    exit: EXIT.usage,
    message: ({ names }) => `this needs your consent${named(names)}, and there is no terminal to ask on`,
    advice: () => "Nothing was written. Run it with --yes to accept.",
  },
  nothing_chosen: {
    exit: EXIT.failed,
    message: ({ globs }) => `nothing in this ticket matches --only ${globs.join(" --only ")}`,
    advice: () => "Run pli inspect --remote with the ticket to see its names.",
  },
};

function named(names: readonly string[]): string {
  if (names.length === 0) return "";
  const more = names.length > NAMES_SHOWN ? ` and ${names.length - NAMES_SHOWN} more` : "";
  return ` (${names.slice(0, NAMES_SHOWN).join(", ")}${more})`;
}

/** What somebody typed, cut to what is enough to know it again: it can be a whole ticket. */
function shortened(text: string): string {
  return text.length > 24 ? `${text.slice(0, 20)}…` : text;
}
