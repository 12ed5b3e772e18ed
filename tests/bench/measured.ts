// A process whose wall time, processor time and peak memory are measured. Its parent is tests/bench/measure, which gets
// them from the system after its end: /proc has no final values.

import { Running, type StartOptions } from "../product/processes.ts";

/** A longer run has hung. */
const LONGEST_RUN_MS = 20 * 60_000;
/** Time from SIGTERM to SIGKILL. */
const KILL_AFTER_MS = 5000;
/** The unit of processor time in /proc, on every Linux that Deno runs on. */
const TICKS_PER_SECOND = 100;

export interface MeasuredOptions extends StartOptions {
  /** Receives the standard output of the program, whose lines cannot be awaited then. */
  stdoutPath?: string;
}

export interface Usage {
  /** From before its start to its end. */
  wallSeconds: number;
  /** User and system. */
  cpuSeconds: number;
  peakBytes: number;
}

export class Measured {
  readonly startMs = performance.now();
  /** Rejects when it fails or hangs. */
  readonly ended: Promise<Usage>;
  readonly #running: Running;
  readonly #reportPath: string;
  #isInterrupted = false;

  constructor(measure: string, reportPath: string, command: string[], options: MeasuredOptions) {
    const { stdoutPath, wrapper = [] } = options;
    this.#reportPath = reportPath;
    this.#running = new Running(measure, [
      `-report=${reportPath}`,
      ...(stdoutPath === undefined ? [] : [`-stdout=${stdoutPath}`]),
      "--",
      ...wrapper,
      ...command,
    ], options);
    this.ended = this.#end(command);
    // The failure is thrown where the end is awaited; until then an unhandled rejection would end the benchmark.
    this.ended.catch(() => {});
  }

  /** The first line on either output for which `find` gives something. Throws when it ends without one. */
  async first<T>(find: (line: string) => T | undefined): Promise<T> {
    const { stdout, stderr } = this.#running;
    const found = await Promise.any([stdout, stderr].map(async (lines) => {
      const found = await lines.first(find);
      if (found === undefined) throw new Error("no such line");
      return found;
    })).catch(() => undefined);
    if (found !== undefined) return found;
    throw new Error(`ended without what was waited for:\n${this.#running.output}`);
  }

  /** Processor time until now, to a hundredth of a second; 0 when it has ended. */
  async cpuSecondsNow(): Promise<number> {
    const status = await Deno.readTextFile(`/proc/${await this.#pid()}/stat`).catch(() => null);
    if (status === null) return 0;
    // The second field is a name, which may hold spaces and brackets; user and system are fields 14 and 15.
    const fields = status.slice(status.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  }

  /** Sends SIGINT; the exit code need not be that of success then. */
  async interrupt(): Promise<Usage> {
    this.#isInterrupted = true;
    this.#running.process.kill("SIGINT");
    return await this.ended;
  }

  /** Ends it if it still runs. */
  async kill(): Promise<void> {
    const timer = setTimeout(async () => Deno.kill(await this.#pid(), "SIGKILL"), KILL_AFTER_MS);
    await this.#running.stop("SIGTERM");
    clearTimeout(timer);
  }

  /** The pid of the program, not that of its parent that measures it. */
  async #pid(): Promise<number> {
    return JSON.parse((await Deno.readTextFile(this.#reportPath)).split("\n")[0]).pid;
  }

  async #end(command: string[]): Promise<Usage> {
    const timer = setTimeout(() => this.kill(), LONGEST_RUN_MS);
    // Awaited before its output has been read to the end.
    const endMs = await this.#running.process.status.then(() => performance.now());
    clearTimeout(timer);
    await this.#running.ended();
    const lines = (await Deno.readTextFile(this.#reportPath).catch(() => "")).trim().split("\n");
    await Deno.remove(this.#reportPath).catch(() => {});
    const usage = lines.length < 2 ? null : JSON.parse(lines[1]);
    if (usage === null || (usage.exitCode !== 0 && !this.#isInterrupted)) {
      throw new Error(`${command.join(" ")} failed:\n${this.#running.output}`);
    }
    return {
      wallSeconds: (endMs - this.startMs) / 1000,
      cpuSeconds: usage.userSeconds + usage.systemSeconds,
      peakBytes: usage.peakBytes,
    };
  }
}
