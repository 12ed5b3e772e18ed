// The table of all commands. Each command's options and function are in its own module, so that `pli --help` and `pli
// --version` start without it.

/** The commands; `usage` is what follows `pli` in the help. */
export const COMMANDS = {
  send: { aliases: ["tx"], usage: "send {PATH}… | -", load: () => import("./send.ts") },
  receive: { aliases: ["recv", "rx"], usage: "receive [{TICKET}]", load: () => import("./receive.ts") },
  resume: { aliases: [], usage: "resume [{N}…]", load: () => import("./resume.ts") },
  history: { aliases: [], usage: "history", load: () => import("./history.ts") },
  inspect: { aliases: [], usage: "inspect [{TICKET}]", load: () => import("./inspect.ts") },
  ui: { aliases: [], usage: "ui [{TICKET}]", load: () => import("./ui.ts") },
  integrate: { aliases: [], usage: "integrate", load: () => import("./integrate.ts") },
} as const;

export type CommandName = keyof typeof COMMANDS;
export const COMMAND_NAMES = Object.keys(COMMANDS) as CommandName[];

/** The modules of all commands. */
export type Commands = { [N in CommandName]: Awaited<ReturnType<typeof COMMANDS[N]["load"]>> };

/** The documented environment variables. */
export const ENVIRONMENT = [
  "PLI_TICKET",
  "PLI_HOME",
  "PLI_LOG",
  "QLOGDIR",
  "IROH_SECRET",
  "NO_COLOR",
  "LANG",
] as const;

/** Loads all commands, because which word names the command depends on which options take a value. */
export async function loadCommands(): Promise<Commands> {
  const loaded = COMMAND_NAMES.map(async (name) => [name, await COMMANDS[name].load()] as const);
  return Object.fromEntries(await Promise.all(loaded)) as unknown as Commands;
}

/** The command of a name or an alias; null when there is none. */
export function commandNamed(word: string): CommandName | null {
  const isNamed = (name: CommandName) =>
    [name, ...COMMANDS[name].aliases as readonly string[]].includes(word);
  return COMMAND_NAMES.find(isNamed) ?? null;
}
