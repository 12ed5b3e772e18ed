// Scripts that complete pli's commands, options and values in a shell, from the tables of commands and options.

import { COMMAND_NAMES, type CommandName, COMMANDS, type Commands } from "./commands/table.ts";
import {
  HELP_AND_VERSION,
  type Option,
  type OptionTable,
  type Placeholder,
  PRINTED_FILES,
  type Shell,
} from "./options.ts";
import type { Words } from "./words.ts";

/** A command with what can follow it. */
interface Completed {
  name: CommandName;
  /** The name and its aliases. */
  names: readonly string[];
  about: string;
  options: readonly CompletedOption[];
  /** Whether its words are paths. */
  takesPaths: boolean;
}

type ValueKind = "none" | "path" | "folder" | "other";

interface CompletedOption {
  /** As they are typed: `--out` and `-o`. */
  names: readonly string[];
  about: string;
  value: ValueKind | readonly string[];
  isRepeatable: boolean;
}

const FILE_VALUES: Partial<Record<Placeholder, "path" | "folder">> = { PATH: "path", DIR: "folder" };

/** The script of a shell, in UTF-8. It is sourced, or for zsh also autoloaded as `_pli`. */
export function completionScript(shell: Shell, commands: Commands, words: Words): string {
  const completed = COMMAND_NAMES.map((name): Completed => ({
    name,
    names: [name, ...COMMANDS[name].aliases],
    about: words.catalogue.commands[name],
    options: optionsOf({ ...commands[name].OPTIONS, ...HELP_AND_VERSION }, words),
    takesPaths: name === "send",
  }));
  const general = optionsOf({ ...HELP_AND_VERSION, ...PRINTED_FILES }, words);
  return { bash, zsh, fish }[shell](completed, general);
}

function optionsOf(table: OptionTable, words: Words): CompletedOption[] {
  const abouts: Record<string, string> = words.catalogue.options;
  return Object.entries(table).map((
    [name, { short, value, values, isRepeatable }]: [string, Option],
  ) => ({
    names: [`--${name}`, ...(short === undefined ? [] : [`-${short}`])],
    about: abouts[name],
    value: values ?? (value === undefined ? "none" : FILE_VALUES[value] ?? "other"),
    isRepeatable: isRepeatable === true,
  }));
}

function bash(commands: readonly Completed[], general: readonly CompletedOption[]): string {
  const all = [{ name: "", options: general }, ...commands];
  const values = all.flatMap(({ name, options }) =>
    options.filter(({ value }) => value !== "none").map(({ names, value }) => {
      const patterns = names.map((option) => quoted(`${name} ${option}`)).join("|");
      return `    ${patterns}) ${bashValue(value)}; return ;;`;
    })
  );
  const optionsOfCommand = all.map(({ name, options }) =>
    `      ${quoted(name)}) list=${quoted(options.flatMap(({ names }) => names).join(" "))} ;;`
  );
  return `# bash completion for pli. Load it by: source <(pli --completions bash)
_pli() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]} command= list= i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in
${commands.map(({ name, names }) => `      ${names.join("|")}) command=${name}; break ;;`).join("\n")}
    esac
  done
  case "$command $before" in
${values.join("\n")}
  esac
  if [[ $word == -* ]]; then
    case $command in
${optionsOfCommand.join("\n")}
    esac
    COMPREPLY=($(compgen -W "$list" -- "$word"))
  elif [[ -z $command ]]; then
    COMPREPLY=($(compgen -W ${quoted(commands.map(({ name }) => name).join(" "))} -- "$word"))
  else
    case $command in
${
    commands.filter(({ takesPaths }) => takesPaths).map(({ name }) =>
      `      ${name}) ${bashValue("path")} ;;`
    )
      .join("\n")
  }
    esac
  fi
}
complete -F _pli pli
`;
}

const BASH_VALUES: Record<ValueKind, string> = {
  none: "",
  path: bashFiles("-f"),
  folder: bashFiles("-d"),
  other: ":",
};

function bashValue(value: CompletedOption["value"]): string {
  if (typeof value === "string") return BASH_VALUES[value];
  return `COMPREPLY=($(compgen -W ${quoted(value.join(" "))} -- "$word"))`;
}

/** Without `compopt` and `mapfile`, which bash 3.2 of macOS lacks, spaces in names are not quoted. */
function bashFiles(kind: "-f" | "-d"): string {
  return `compopt -o filenames 2>/dev/null; while IFS= read -r i; do COMPREPLY+=("$i"); done < <(compgen ${kind} -- "$word")`;
}

function zsh(commands: readonly Completed[], general: readonly CompletedOption[]): string {
  const argumentsOf = (options: readonly CompletedOption[]) =>
    options.flatMap((option) => option.names.map((name) => `    ${zshOption(name, option)} \\`)).join("\n");
  const cases = commands.map(({ names, options, takesPaths }) =>
    `    ${names.join("|")}) _arguments \\
${argumentsOf(options)}
    ${takesPaths ? "'*:path:_files'" : ""} ;;`
  );
  return `#compdef pli
# zsh completion for pli. Load it by: source <(pli --completions zsh), after compinit.
_pli() {
  local context state state_descr line
  typeset -A opt_args
  _arguments -C \\
${argumentsOf(general)}
    '1:command:->command' '*::argument:->argument' && return
  case $state in
    command)
      local -a commands=(
${commands.map(({ name, about }) => `        ${quoted(`${name}:${about}`)}`).join("\n")}
      )
      _describe command commands ;;
    argument)
      case $line[1] in
${cases.join("\n")}
      esac ;;
  esac
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _pli "$@"; else compdef _pli pli; fi
`;
}

const ZSH_VALUES: Record<ValueKind, string> = {
  none: "",
  path: ":value:_files",
  folder: ":value:_files -/",
  other: ":value: ",
};

/** A specification of \`_arguments\`. */
function zshOption(name: string, { about, value, isRepeatable, names }: CompletedOption): string {
  const others = names.filter((other) => other !== name).join(" ");
  const excluded = isRepeatable ? "*" : others === "" ? "" : `(${others})`;
  const text = about.replace(/[\\[\]:]/g, "\\$&");
  const action = typeof value === "string" ? ZSH_VALUES[value] : `:value:(${value.join(" ")})`;
  return quoted(`${excluded}${name}[${text}]${action}`);
}

function fish(commands: readonly Completed[], general: readonly CompletedOption[]): string {
  const all = commands.flatMap(({ names }) => names).join(" ");
  const isFirst = `not __fish_seen_subcommand_from ${all}`;
  const lines = commands.flatMap(({ name, names, about, options, takesPaths }) => {
    const isSeen = `__fish_seen_subcommand_from ${names.join(" ")}`;
    return [
      `complete -c pli -n ${quoted(isFirst)} -a ${name} -d ${quoted(about)}`,
      ...(takesPaths ? [`complete -c pli -n ${quoted(isSeen)} -F`] : []),
      ...options.map((option) => fishOption(option, isSeen)),
    ];
  });
  return `# fish completion for pli. Load it by: pli --completions fish | source
complete -c pli -f
${[...general.map((option) => fishOption(option, isFirst)), ...lines].join("\n")}
`;
}

const FISH_VALUES: Record<ValueKind, string> = {
  none: "",
  path: " -r -F",
  folder: " -x -a '(__fish_complete_directories)'",
  other: " -x",
};

function fishOption({ names, about, value }: CompletedOption, condition: string): string {
  const flags = names.map((name) => name.startsWith("--") ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`);
  const values = typeof value === "string" ? FISH_VALUES[value] : ` -x -a ${quoted(value.join(" "))}`;
  return `complete -c pli -n ${quoted(condition)} ${flags.join(" ")}${values} -d ${quoted(about)}`;
}

/** A text in single quotes, for any of these shells. */
function quoted(text: string): string {
  // In fish a backslash before a quote would escape it.
  return `'${text.replaceAll("'", `'"'"'`)}'`;
}
