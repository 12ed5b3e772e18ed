// The entry of the command line: argv in, exit code out. It finds the command, runs it, and reports the outcome.
// Costly modules are loaded on demand, so that --help and --version start at once.

import type { SleepInhibitor } from "../app/sleep_inhibitor.ts";
import { ignoredSignals } from "../app/ignored_signals.ts";
import type { Logger } from "../engine/mod.ts";
import type { Invocation } from "./command_line.ts";
import type { CommandName } from "./commands/table.ts";
import { EXIT, type ExitCode, invalid, UsageError, type UsageParameters } from "./errors.ts";
import { Interruption } from "./interruption.ts";
import type { Kept } from "./report/failure.ts";
import { Output, type OutputMode } from "./report/output.ts";
import type { CliContext, CliPorts, EngineSetting, TransferEngine } from "./session.ts";
import { chooseLocale, wordsFor } from "./words.ts";

/** Whole command lines that need no parser, because the platform's takes as long to load as Deno. */
const UNPARSED: ReadonlyMap<string, Invocation> = new Map([
  ["--version", { command: "version" }],
  ["--help", { command: "help", of: null }],
  ["-h", { command: "help", of: null }],
]);

/** Runs one command line. Resolves to the exit code; never rejects for anything that a user can cause. */
export async function run(argv: readonly string[], ports: CliPorts): Promise<ExitCode> {
  const ignored = questionIn(argv) === null ? await ignoredSignals() : undefined;
  using interruption = new Interruption(ignored, ports.cleanupMs);
  const words = await wordsFor(chooseLocale(ports));
  let output = new Output(ports.terminal, provisionalMode(argv, ports), words);
  let isVerbose = false;
  const kept: Kept = { bytes: 0, folder: null, isListed: true, writtenBytes: 0 };
  try {
    const invocation = await parse(argv, ports);
    if ("args" in invocation) isVerbose = invocation.args.verbose;
    output = new Output(ports.terminal, outputMode(invocation, ports), words, () => {
      interruption.outputClosed();
    });
    using log = await logOf(invocation, ports, output);
    const setting = {
      ...await withTrustedAuthorities(invocation),
      ...await qlogOf(invocation, ports),
      ...(log !== null && { logger: log.logger }),
    };
    using awake = new Awake(setting.logger);
    const context = {
      ports: withSetting(ports, setting, awake),
      output,
      signal: interruption.signal,
      kept,
    };
    const exit = await runCommand(invocation, context);
    // The last lines may fail too.
    await output.flush();
    if (output.fault !== undefined) throw output.fault;
    return interruption.exit ?? exit ?? EXIT.done;
  } catch (error) {
    output.clearProgress();
    const { outputFailure, reportFailure, reportStop } = await import("./report/failure.ts");
    const ended = { output, kept };
    if (interruption.exit === null) return reportFailure(error, ended, isVerbose);
    if (interruption.exit !== EXIT.outputClosed) reportStop(ended);
    else {
      const failure = outputFailure(output.fault);
      if (failure !== null) return reportFailure(failure, ended, isVerbose);
    }
    return interruption.exit;
  } finally {
    await output.flush();
  }
}

function questionIn(argv: readonly string[]): Invocation | null {
  return argv.length === 1 ? UNPARSED.get(argv[0]) ?? null : null;
}

/** Parses a command line; an empty one, typed at a terminal, means `ui`. Throws UsageError. */
async function parse(typed: readonly string[], { terminal }: CliPorts): Promise<Invocation> {
  const argv = typed.length > 0 ? typed : [terminal.output.isTerminal ? "ui" : "--help"];
  const question = questionIn(argv);
  if (question !== null) return question;
  const [{ parseCommandLine }, commands] = await Promise.all([import("./command_line.ts"), loadedCommands()]);
  try {
    return parseCommandLine(argv, commands);
  } catch (error) {
    throw await withGivenPath(error);
  }
}

/** The error for an unknown command, with the finding whether its word is a path; other errors unchanged. */
async function withGivenPath(error: unknown): Promise<unknown> {
  if (!(error instanceof UsageError) || error.code !== "command_unknown") return error;
  const parameters = error.parameters as UsageParameters["command_unknown"];
  const { isThere } = await import("../app/folders.ts");
  if (parameters.given !== null || !await isThere(parameters.command)) return error;
  return new UsageError("command_unknown", { ...parameters, given: "path" });
}

async function loadedCommands() {
  const { loadCommands } = await import("./commands/table.ts");
  return await loadCommands();
}

/** The log of --log, --log-file and PLI_LOG; null without one. Throws UsageError. */
async function logOf(invocation: Invocation, { environment, about }: CliPorts, output: Output) {
  if (!("args" in invocation && "log" in invocation.args)) return null;
  const { log: option, logFile: file } = invocation.args;
  const variable = environment("PLI_LOG") ?? "";
  if (option === null && file === null && variable.trim() === "") return null;
  const [{ InvalidLogFilter, openLog }, { systemCode }] = await Promise.all([
    import("../app/run_log.ts"),
    import("../app/errors.ts"),
  ]);
  const run = { command: invocation.command, version: about.version, binding: bindingOf(about) };
  try {
    return openLog({ filter: option ?? (variable.trim() || null), file }, run, (line) => output.log(line));
  } catch (cause) {
    if (cause instanceof InvalidLogFilter) {
      const { reason: logFault, part } = cause.fault;
      const given = option !== null ? "--log" : "PLI_LOG";
      throw new UsageError("log_filter_invalid", { option: given, logFault, part });
    }
    if (file === null) throw cause;
    const isFolderMissing = systemCode(cause) === "ENOENT";
    throw invalid("--log-file", file, isFolderMissing ? "log_file_folder" : "log_file", cause);
  }
}

/** The folder for qlog files that the environment asks for. Throws UsageError. */
async function qlogOf(invocation: Invocation, { environment }: CliPorts): Promise<EngineSetting> {
  const value = environment("QLOGDIR") ?? "";
  if (!("args" in invocation && "log" in invocation.args) || value.trim() === "") return {};
  const { openQlogFolder } = await import("../app/qlog_folder.ts");
  return {
    qlogFolder: await openQlogFolder(value).catch((cause) => {
      throw invalid("QLOGDIR", value, "folder", cause);
    }),
  };
}

/** The binding in use. Without one, the commands that need it report the error. */
function bindingOf(about: CliPorts["about"]): string {
  try {
    return about.binding();
  } catch {
    return "none";
  }
}

/** The ports with engines of a setting, whose transfers keep the computer awake. */
function withSetting(ports: CliPorts, setting: EngineSetting, awake: Awake): CliPorts {
  return { ...ports, engine: async (hashes) => await awake.during(await ports.engine(hashes, setting)) };
}

/** The sleep inhibitor of a run, which only a command with an engine loads. */
class Awake implements Disposable {
  #inhibitor: SleepInhibitor | null = null;

  constructor(readonly logger: Logger | undefined) {}

  async during(engine: TransferEngine): Promise<TransferEngine> {
    const { keepingAwake, SleepInhibitor } = await import("../app/sleep_inhibitor.ts");
    this.#inhibitor ??= new SleepInhibitor({ logger: this.logger });
    return keepingAwake(engine, this.#inhibitor);
  }

  [Symbol.dispose](): void {
    this.#inhibitor?.[Symbol.dispose]();
  }
}

/** The setting of engines that trust the authorities of --relay-ca. Throws UsageError. */
async function withTrustedAuthorities(invocation: Invocation): Promise<EngineSetting> {
  if (!("args" in invocation && "relayCa" in invocation.args) || invocation.args.relayCa === null) {
    return {};
  }
  const { relayCa: value } = invocation.args;
  const { readCertificates } = await import("../app/certificates.ts");
  const certificates = await readCertificates(value).catch((cause) => {
    throw invalid("--relay-ca", value, "certificates", cause);
  });
  return { trustedCertificates: certificates };
}

/** Resolves to the exit code if the command has more than one besides errors. */
async function runCommand(invocation: Invocation, context: CliContext): Promise<ExitCode | void> {
  const { ports, output } = context;
  if ("run" in invocation) return await invocation.run(context);
  if (invocation.command === "help") return await printHelp(invocation.of, output);
  if (invocation.command === "completions") {
    const { completionScript } = await import("./completions.ts");
    const script = completionScript(invocation.shell, await loadedCommands(), output.words);
    return script.trimEnd().split("\n").forEach((line) => output.result(line));
  }
  if (invocation.command === "man") {
    const { manualPage } = await import("./manual.ts");
    const page = manualPage(ports.about.version, await loadedCommands());
    return page.trimEnd().split("\n").forEach((line) => output.result(line));
  }
  output.result(`pli ${ports.about.version}`);
  output.result(ports.about.binding());
}

async function printHelp(command: CommandName | null, output: Output): Promise<void> {
  const { commandLines, HELP_COLUMNS, overviewLines } = await import("./help.ts");
  const width = Math.min(output.resultColumns ?? HELP_COLUMNS, HELP_COLUMNS);
  const lines = command === null
    ? overviewLines(output.words, width)
    : commandLines(command, (await loadedCommands())[command].OPTIONS, output.words, width);
  lines.forEach((line) => output.result(line));
}

/** The output mode before the command line is parsed, for errors in it. */
function provisionalMode(argv: readonly string[], { environment }: CliPorts): OutputMode {
  const isOption = (name: string) => argv.includes(name);
  return {
    json: isOption("--json"),
    quiet: false,
    color: !isOption("--no-color") && hasColors(environment),
    isDataOutput: false,
    isPlain: isDumb(environment),
  };
}

function outputMode(invocation: Invocation, { environment }: CliPorts): OutputMode {
  if (!("args" in invocation)) {
    return { json: false, quiet: false, color: false, isDataOutput: false, isPlain: true };
  }
  const { command, args } = invocation;
  return {
    json: args.json,
    quiet: args.quiet,
    color: !args.noColor && hasColors(environment),
    isDataOutput: command === "receive" && args.folder === null,
    isPlain: isDumb(environment),
  };
}

function hasColors(environment: CliPorts["environment"]): boolean {
  return !environment("NO_COLOR") && !isDumb(environment);
}

/**
 * Whether the terminal supports no control sequences: TERM is `dumb`, as inside of editors, or names no terminal.
 * Windows sets no TERM, and its terminals support them.
 */
function isDumb(environment: CliPorts["environment"]): boolean {
  const name = (environment("TERM") ?? "").trim();
  return name === "dumb" || (name === "" && Deno.build.os !== "windows");
}
