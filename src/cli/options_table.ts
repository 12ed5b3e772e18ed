// Every command and option that pli has, in one table: the parser and the help are made from it.

export const COMMANDS = {
  send: {
    aliases: ["tx"],
    usage: "send PATH… | -",
    words: "make one ticket for files and folders; - is standard input",
  },
  receive: { aliases: ["recv", "rx"], usage: "receive [TICKET]", words: "bring what a ticket names" },
  resume: {
    aliases: [],
    usage: "resume [N…]",
    words: "list the downloads that were interrupted, go on with them, or discard them",
  },
  history: {
    aliases: [],
    usage: "history",
    words: "list what was sent and received, or forget it",
  },
  inspect: { aliases: [], usage: "inspect [TICKET]", words: "say what a ticket holds" },
  ui: { aliases: [], usage: "ui", words: "open the page in the browser; pli alone does the same" },
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
  { name: "new", of: ["send"], words: "make a new ticket, also for paths that were not delivered yet" },
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
  { name: "all", of: ["resume", "history"], words: "all that there is" },
  { name: "discard", of: ["resume"], words: "remove what is here of a download, instead of going on" },
  { name: "remove", of: ["history"], words: "forget some entries, by their numbers: --remove 3 4" },
  { name: "clear", of: ["history"], words: "forget everything" },
  {
    name: "limit",
    value: "SPEED",
    of: ["send", "receive", "resume"],
    words: "no more bytes per second than this: 800k, 5M, 1.5G (decimal)",
  },
  { name: "wait", of: ["receive", "resume", "inspect"], words: "wait for a sender that is not there yet" },
  {
    name: "give-up",
    value: "TIME",
    of: ["receive", "resume", "inspect"],
    words: "how long to try to reach a sender: 90s, 5m, 2h, 1d (default: 30s, later for ever)",
  },
  { name: "yes", of: ["receive", "resume"], words: "answer every question with yes" },
  { name: "overwrite", of: ["receive"], words: "replace existing files" },
  { name: "rename", of: ["receive"], words: "keep existing files, put the new ones beside them" },
  { name: "skip", of: ["receive"], words: "keep existing files, leave the new ones out" },
  { name: "remote", of: ["inspect"], words: "also ask the sender for names and sizes" },
  { name: "port", value: "N", of: ["ui"], words: "the page's port (default: 4777, or any free one)" },
  { name: "no-open", of: ["ui"], words: "print the page's address, and open no browser" },
  { name: "dir", value: "DIR", of: ["ui"], words: "where the page puts what it receives" },
  {
    name: "allow-origin",
    value: "URL",
    isRepeatable: true,
    of: ["ui"],
    words: "another address under which the page may be opened, that of a tunnel",
  },
  { name: "separate", of: ["ui"], words: "remember nothing of this run, and nothing of others" },
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
