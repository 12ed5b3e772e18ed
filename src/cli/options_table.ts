// Every command, option and variable that pli has, in tables: the parser and the help are made from them, and the
// words have to have a sentence for each.

export const COMMANDS = {
  send: {
    aliases: ["tx"],
    usage: "send {PATH}… | -",
  },
  receive: { aliases: ["recv", "rx"], usage: "receive [{TICKET}]" },
  resume: {
    aliases: [],
    usage: "resume [{N}…]",
  },
  history: { aliases: [], usage: "history" },
  inspect: { aliases: [], usage: "inspect [{TICKET}]" },
  ui: { aliases: [], usage: "ui" },
} as const satisfies Record<string, { aliases: readonly string[]; usage: string }>;

export type CommandName = keyof typeof COMMANDS;
export const COMMAND_NAMES = Object.keys(COMMANDS) as CommandName[];

/** What the environment says to pli. */
export const ENVIRONMENT = ["PLI_TICKET", "PLI_HOME", "IROH_SECRET", "NO_COLOR", "LANG"] as const;
export type EnvironmentName = typeof ENVIRONMENT[number];

/** What stands for a value in the help. */
export type Placeholder =
  | "PATH"
  | "TICKET"
  | "N"
  | "KIND"
  | "GLOB"
  | "NAME"
  | "DIR"
  | "TIME"
  | "SPEED"
  | "URL"
  | "RELAY"
  | "ADDRESS";

export interface OptionEntry {
  name: string;
  short?: string;
  /** What stands for the value in the help; a switch has none. */
  value?: Placeholder;
  isRepeatable?: true;
  /** The commands that take it; all of them when not given. */
  of?: readonly CommandName[];
}

const TABLE = [
  { name: "keep", of: ["send"] },
  {
    name: "ticket",
    value: "KIND",
    of: ["send"],
  },
  { name: "exclude", value: "GLOB", isRepeatable: true, of: ["send"] },
  { name: "copy", short: "c", of: ["send"] },
  { name: "qr", of: ["send"] },
  { name: "new", of: ["send"] },
  { name: "no-cache", of: ["send"] },
  { name: "name", value: "NAME", of: ["send"] },
  {
    name: "out",
    short: "o",
    value: "DIR",
    of: ["receive"],
  },
  { name: "only", value: "GLOB", isRepeatable: true, of: ["receive"] },
  { name: "preview", of: ["receive"] },
  { name: "all", of: ["resume", "history"] },
  { name: "discard", of: ["resume"] },
  { name: "remove", of: ["history"] },
  { name: "clear", of: ["history"] },
  { name: "limit", value: "SPEED", of: ["send", "receive", "resume"] },
  { name: "wait", of: ["receive", "resume", "inspect"] },
  {
    name: "give-up",
    value: "TIME",
    of: ["receive", "resume", "inspect"],
  },
  { name: "yes", of: ["receive", "resume"] },
  { name: "overwrite", of: ["receive"] },
  { name: "rename", of: ["receive"] },
  { name: "skip", of: ["receive"] },
  { name: "remote", of: ["inspect"] },
  { name: "port", value: "N", of: ["ui"] },
  { name: "no-open", of: ["ui"] },
  { name: "dir", value: "DIR", of: ["ui"] },
  {
    name: "allow-origin",
    value: "URL",
    isRepeatable: true,
    of: ["ui"],
  },
  { name: "separate", of: ["ui"] },
  {
    name: "relay",
    value: "RELAY",
  },
  { name: "bind", value: "ADDRESS" },
  { name: "json" },
  { name: "quiet", short: "q" },
  {
    name: "verbose",
    short: "v",
  },
  { name: "no-color" },
  { name: "help", short: "h" },
  { name: "version" },
] as const satisfies readonly OptionEntry[];

export type OptionName = typeof TABLE[number]["name"];
export type Option = OptionEntry & { name: OptionName };
export const OPTIONS: readonly Option[] = TABLE;

/** The command of a name or an alias; null when there is none. */
export function commandNamed(name: string): CommandName | null {
  const found = Object.entries(COMMANDS).find(([command, { aliases }]) => {
    return command === name || (aliases as readonly string[]).includes(name);
  });
  return found === undefined ? null : found[0] as CommandName;
}

/** Whether a command takes an option; before any command is known, every option may come. */
export function takesOption(command: CommandName | null, option: OptionEntry): boolean {
  return command === null || option.of === undefined || option.of.includes(command);
}
