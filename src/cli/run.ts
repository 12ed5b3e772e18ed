// The entry of the command line: argv in, exit code out. It finds the command, runs it, and tells how it
// ended. Commands are loaded when they are used, so that --help and --version start at once.

import type { Invocation } from "./arguments.ts";
import { EXIT, type ExitCode } from "./exit_codes.ts";
import { Interruption } from "./interruption.ts";
import { chooseLocale } from "./language.ts";
import { type Manners, Output } from "./output.ts";
import { tellAsJson, tellFailure } from "./tell_failure.ts";
import { wordsFor } from "./words.ts";
import type { World } from "./world.ts";

/** What is asked of pli itself, understood without Node's parser: that takes as long to load as Deno. */
const QUESTIONS: ReadonlyMap<string, Invocation> = new Map([
  ["--version", { command: "version" }],
  ["--help", { command: "help", of: null }],
  ["-h", { command: "help", of: null }],
]);

/** What a command works with. */
export interface Session {
  world: World;
  output: Output;
  /** Aborted when the command is to stop. */
  signal: AbortSignal;
  /** How much is here of a download that has been ended, for going on with it. */
  kept: { bytes: number };
}

/** Runs one command line. Resolves to the exit code; never rejects for anything that a user can cause. */
export async function run(argv: readonly string[], world: World): Promise<ExitCode> {
  using interruption = new Interruption();
  const words = await wordsFor(chooseLocale(world));
  let output = new Output(world.terminal, plainManners(argv, world), words);
  let isVerbose = false;
  const kept = { bytes: 0 };
  try {
    const invocation = await readArguments(argv, world);
    if ("verbose" in invocation) isVerbose = invocation.verbose;
    output = new Output(world.terminal, mannersOf(invocation, world), words, () => {
      interruption.outputClosed();
    });
    const exit = await perform(invocation, { world, output, signal: interruption.signal, kept });
    return interruption.exit ?? exit ?? EXIT.done;
  } catch (error) {
    output.clearProgress();
    const told = { output, kept };
    if (interruption.exit === null) return await tellFailure(error, told, isVerbose);
    if (interruption.exit === EXIT.outputClosed) return await tellOutputFault(told, isVerbose);
    await tellStop(told);
    return interruption.exit;
  } finally {
    await output.flush();
  }
}

/** Reads a command line; an empty one, typed by somebody, asks for the page. Throws UsageError. */
async function readArguments(typed: readonly string[], { terminal }: World): Promise<Invocation> {
  const argv = typed.length > 0 ? typed : [terminal.output.isTerminal ? "ui" : "--help"];
  const question = argv.length === 1 ? QUESTIONS.get(argv[0]) : undefined;
  if (question !== undefined) return question;
  const { parseArguments } = await import("./arguments.ts");
  return parseArguments(argv);
}

/** Resolves to the exit code where a command has more than one that is not an error's. */
async function perform(invocation: Invocation, session: Session): Promise<ExitCode | void> {
  const { world, output } = session;
  switch (invocation.command) {
    case "version":
      output.result(`pli ${world.about.version}`);
      return output.result(world.about.binding());
    case "help": {
      const { helpLines } = await import("./help.ts");
      return helpLines(invocation.of, output.words).forEach((line) => output.result(line));
    }
    case "send":
      tellBinding(invocation, session);
      return await (await import("./send.ts")).send(invocation, session);
    case "receive":
      tellBinding(invocation, session);
      return await (await import("./receive.ts")).receive(invocation, session);
    case "resume":
      tellBinding(invocation, session);
      return await (await import("./resume.ts")).resume(invocation, session);
    case "history":
      return await (await import("./history.ts")).history(invocation, session);
    case "inspect":
      return await (await import("./inspect.ts")).inspect(invocation, session);
    case "ui":
      return await (await import("./ui.ts")).ui(invocation, session);
  }
}

function tellBinding({ verbose }: { verbose: boolean }, { world, output }: Session): void {
  if (verbose) output.say(output.words.say("binding", { binding: world.about.binding() }), "faint");
}

/** What it takes to tell how a command ended. */
type Told = Pick<Session, "output" | "kept">;

/** Says that a command was stopped. What that made fail on the way is of no interest. */
async function tellStop({ output, kept }: Told): Promise<void> {
  const { explain } = await import("./failure.ts");
  const { PliError } = await import("../engine/mod.ts");
  const { message, advice } = await tellAsJson(explain(new PliError("cancelled", {}), kept.bytes), output);
  output.say(`${message} ${advice}`);
}

/** Says why standard output takes no more; nothing when whoever read it has had enough. */
async function tellOutputFault(told: Told, isVerbose: boolean): Promise<ExitCode> {
  const { outputFailure } = await import("./failure.ts");
  const failure = outputFailure(told.output.fault);
  return failure === null ? EXIT.outputClosed : await tellFailure(failure, told, isVerbose);
}

/** How to speak before the command line is understood: an error in it must be told in the right form. */
function plainManners(argv: readonly string[], { environment }: World): Manners {
  const isOption = (name: string) => argv.includes(name);
  return {
    json: isOption("--json"),
    quiet: false,
    color: !isOption("--no-color") && !environment("NO_COLOR"),
    isDataOutput: false,
  };
}

function mannersOf(invocation: Invocation, { environment }: World): Manners {
  if (invocation.command === "help" || invocation.command === "version") {
    return { json: false, quiet: false, color: false, isDataOutput: false };
  }
  return {
    json: invocation.json,
    quiet: invocation.quiet,
    color: invocation.color && !environment("NO_COLOR"),
    isDataOutput: invocation.command === "receive" && invocation.folder === null,
  };
}
