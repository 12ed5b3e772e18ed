// A process whose wall time, processor time and peak memory count. It runs below tests/bench/measure, which asks
// the system for them at its end: what /proc says just before the end comes too early.

import { Running, type StartOptions } from "../product/processes.ts";

/** A run that takes longer has hung. */
const LONGEST_RUN_MS = 20 * 60_000;
/** What does not heed SIGTERM gets SIGKILL. */
const KILL_AFTER_MS = 5000;
/** What /proc counts processor time in, on every Linux that Deno runs on. */
const TICKS_PER_SECOND = 100;

export interface MeasuredOptions extends StartOptions {
  /** Takes the program's standard output, which then has no lines to wait for. */
  stdoutPath?: string;
}

export interface Usage {
  /** From before it was started until it had ended. */
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
    // A waiter gets the failure; before there is one it must not end the benchmark.
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

  /** Asks it to end, as Ctrl-C does; then it need not tell success. */
  async interrupt(): Promise<Usage> {
    this.#isInterrupted = true;
    this.#running.process.kill("SIGINT");
    return await this.ended;
  }

  /** Ends it if it still runs. */
  async kill(): Promise<void> {
    const patience = setTimeout(async () => Deno.kill(await this.#pid(), "SIGKILL"), KILL_AFTER_MS);
    await this.#running.stop("SIGTERM");
    clearTimeout(patience);
  }

  /** The program's own, not that of what measures it. */
  async #pid(): Promise<number> {
    return JSON.parse((await Deno.readTextFile(this.#reportPath)).split("\n")[0]).pid;
  }

  async #end(command: string[]): Promise<Usage> {
    const timer = setTimeout(() => this.kill(), LONGEST_RUN_MS);
    // Taken before what it printed has been read to the end.
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
