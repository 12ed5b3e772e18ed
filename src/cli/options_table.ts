// Every command and option that pli has, in one table: the parser and the help are made from it.

export const COMMANDS = {
  send: {
    aliases: ["tx"],
    usage: "send PATH… | -",
    words: "make one ticket for files and folders; - is standard input",
  },
  receive: { aliases: ["recv", "rx"], usage: "receive [TICKET]", words: "bring what a ticket names" },
  inspect: { aliases: [], usage: "inspect [TICKET]", words: "say what a ticket holds" },
} as const satisfies Record<string, { aliases: readonly string[]; usage: string; words: string }>;

export type CommandName = keyof typeof COMMANDS;

export interface OptionEntry {
  name: string;
  short?: string;
  /** What stands for the value in the help; a switch has none. */
  value?: string;
  isRepeatable?: true;
  /** The commands that take it; all of them when not given. */
  of?: readonly CommandName[];
  words: string;
}

export const OPTIONS: readonly OptionEntry[] = [
  { name: "keep", of: ["send"], words: "serve until interrupted, not just one receiver once" },
  {
    name: "ticket",
    value: "KIND",
    of: ["send"],
    words: "what the ticket tells about the way here: relay (default), id, addresses, all",
  },
  { name: "exclude", value: "GLOB", isRepeatable: true, of: ["send"], words: "leave out what matches" },
  { name: "copy", short: "c", of: ["send"], words: "put the receiver's command on the clipboard" },
  { name: "qr", of: ["send"], words: "show the ticket as a QR code" },
  { name: "no-cache", of: ["send"], words: "hash every file, and remember no hashes" },
  { name: "name", value: "NAME", of: ["send"], words: "the file name for standard input (default: stdin)" },
  {
    name: "out",
    short: "o",
    value: "DIR",
    of: ["receive"],
    words: "where it goes (default: here); - writes one file's bytes to standard output",
  },
  { name: "only", value: "GLOB", isRepeatable: true, of: ["receive"], words: "take only what matches" },
  { name: "preview", of: ["receive"], words: "show what would come, and ask first" },
  { name: "yes", of: ["receive"], words: "answer every question with yes" },
  { name: "overwrite", of: ["receive"], words: "replace existing files" },
  { name: "rename", of: ["receive"], words: "keep existing files, put the new ones beside them" },
  { name: "skip", of: ["receive"], words: "keep existing files, leave the new ones out" },
  { name: "remote", of: ["inspect"], words: "also ask the sender for names and sizes" },
  {
    name: "relay",
    value: "RELAY",
    words: "the relay that helps both sides meet: default, disabled, or a URL",
  },
  { name: "bind", value: "ADDR:PORT", words: "the local address to use" },
  { name: "json", words: "print events as JSON lines" },
  { name: "quiet", short: "q", words: "print errors and the ticket only" },
  {
    name: "verbose",
    short: "v",
    words: "tell more: the network binding, round-trip times, and the causes of an error",
  },
  { name: "no-color", words: "print without colours" },
  { name: "help", short: "h", words: "print this" },
  { name: "version", words: "print the version" },
];

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
