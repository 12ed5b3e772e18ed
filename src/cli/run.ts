// The entry of the command line: argv in, exit code out. It finds the command, runs it, and tells how it
// ended. Commands are loaded when they are used, so that --help and --version start at once.

import type { Invocation } from "./arguments.ts";
import { EXIT, type ExitCode } from "./exit_codes.ts";
import { Interruption } from "./interruption.ts";
import { type Manners, Output } from "./output.ts";
import type { World } from "./world.ts";

/** More lines of a cause (the binding's have a whole stack) help nobody. */
const CAUSE_LINES = 12;

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
}

/** Runs one command line. Resolves to the exit code; never rejects for anything that a user can cause. */
export async function run(argv: readonly string[], world: World): Promise<ExitCode> {
  using interruption = new Interruption();
  let output = new Output(world.terminal, plainManners(argv, world));
  let isVerbose = false;
  try {
    const invocation = await readArguments(argv);
    if ("verbose" in invocation) isVerbose = invocation.verbose;
    output = new Output(world.terminal, mannersOf(invocation, world), () => interruption.outputClosed());
    await perform(invocation, { world, output, signal: interruption.signal });
    return interruption.exit ?? EXIT.done;
  } catch (error) {
    output.clearProgress();
    if (interruption.exit === null) return await tellFailure(error, output, isVerbose);
    if (interruption.exit === EXIT.outputClosed) return await tellOutputFault(output, isVerbose);
    await tellStop(output);
    return interruption.exit;
  } finally {
    await output.flush();
  }
}

/** Reads a command line. Throws UsageError. */
async function readArguments(argv: readonly string[]): Promise<Invocation> {
  const question = argv.length <= 1 ? QUESTIONS.get(argv[0] ?? "--help") : undefined;
  if (question !== undefined) return question;
  const { parseArguments } = await import("./arguments.ts");
  return parseArguments(argv);
}

async function perform(invocation: Invocation, session: Session): Promise<void> {
  const { world, output } = session;
  switch (invocation.command) {
    case "version":
      output.result(`pli ${world.about.version}`);
      return output.result(world.about.binding());
    case "help": {
      const { helpLines } = await import("./help.ts");
      return helpLines(invocation.of).forEach((line) => output.result(line));
    }
    case "send":
      tellBinding(invocation, session);
      return await (await import("./send.ts")).send(invocation, session);
    case "receive":
      tellBinding(invocation, session);
      return await (await import("./receive.ts")).receive(invocation, session);
    case "inspect":
      return await (await import("./inspect.ts")).inspect(invocation, session);
  }
}

function tellBinding({ verbose }: { verbose: boolean }, { world, output }: Session): void {
  if (verbose) output.say(`Network binding: ${world.about.binding()}`, "faint");
}

/** Says that a command was stopped. What that made fail on the way is of no interest. */
async function tellStop(output: Output): Promise<void> {
  const { explain } = await import("./failure.ts");
  const { PliError } = await import("../engine/mod.ts");
  const { code, message, advice } = explain(new PliError("cancelled", {}));
  output.json({ type: "error", code, message, advice });
  output.say(`Stopped. ${advice}`);
}

/** Says why standard output takes no more; nothing when whoever read it has had enough. */
async function tellOutputFault(output: Output, isVerbose: boolean): Promise<ExitCode> {
  const { outputFailure } = await import("./failure.ts");
  const failure = outputFailure(output.fault);
  return failure === null ? EXIT.outputClosed : await tellFailure(failure, output, isVerbose);
}

/** Says why a command failed. */
async function tellFailure(error: unknown, output: Output, isVerbose: boolean): Promise<ExitCode> {
  const { explain } = await import("./failure.ts");
  const { code, exit, message, advice, causes } = explain(error);
  output.json({ type: "error", code, message, advice });
  output.insist(`error: ${message}`, "bad");
  output.insist(advice);
  if (isVerbose) causes.flatMap(causeLines).forEach((line) => output.insist(line, "faint"));
  return exit;
}

/** A cause on lines of its own, which cannot be taken for lines of pli. */
function causeLines(cause: string): string[] {
  return cause.trim().split("\n").slice(0, CAUSE_LINES).map((line, index) => {
    return index === 0 ? `  caused by ${line}` : `  | ${line}`;
  });
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
