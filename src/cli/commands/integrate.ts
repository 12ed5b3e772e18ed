// `pli integrate`: registers pli with the user's desktop for links and for the menus of file managers, or undoes it.

import { Home } from "../../app/home.ts";
import { canIntegrate, integrate, type Integrated, undoIntegration } from "../../app/integration.ts";
import { EXIT, type ExitCode, UsageError } from "../errors.ts";
import { type Arguments, type OptionTable, OUTPUT } from "../options.ts";
import type { CliContext } from "../session.ts";
import type { Key } from "../words/en.ts";

/** The options of the command. */
export const OPTIONS = { undo: {}, ...OUTPUT } as const satisfies OptionTable;

type IntegrateArguments = ReturnType<typeof read>;

/** Refuses words. Throws UsageError. */
export function read(args: Arguments<typeof OPTIONS>, [argument]: readonly string[]) {
  if (argument !== undefined) throw new UsageError("argument_unwanted", { command: "integrate", argument });
  return args;
}

const STATES = {
  written: "integrationWritten",
  unchanged: "integrationUnchanged",
  removed: "integrationRemoved",
  foreign: "integrationForeign",
} as const satisfies Record<Integrated["state"], Key>;

/** Runs the command. Resolves to `failed` if something was left because another program has its place. */
export async function run(args: IntegrateArguments, { ports, output }: CliContext): Promise<ExitCode> {
  const { os } = Deno.build;
  if (!canIntegrate(os)) throw new UsageError("integration_unsupported", { system: os });
  const { words } = output;
  const context = {
    home: await Home.open(ports.environment, (notice) => output.notice(notice)),
    environment: ports.environment,
    command: ports.about.command(),
    words: { sendWith: words.say("sendWith"), pressEnter: words.say("pressEnter") },
    os,
  };
  const results = args.undo ? await undoIntegration(context) : await integrate(context);
  for (const { path, state } of results) {
    output.json({ type: "integration", path, state });
    output.say(words.say(STATES[state], { path }), state === "foreign" ? "warning" : "plain");
  }
  if (args.undo && results.length === 0) output.say(words.say("integrationNone"));
  if (!args.undo) output.say(words.say("integrationDone"));
  return results.some(({ state }) => state === "foreign") ? EXIT.failed : EXIT.done;
}
