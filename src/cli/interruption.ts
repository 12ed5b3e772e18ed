// Stops a command from outside: Ctrl-C, a signal, a closed terminal, or closed output. The first one aborts and leaves
// time for the clean-up; a second signal, or a clean-up that takes too long, ends the process at once. Signals that
// were ignored when pli was started (`nohup`, `trap '' INT`) have no effect.

import { EXIT, type ExitCode } from "./errors.ts";

/** Maximum time of the clean-up. */
const CLEANUP_MS = 1_800;

const SIGNALS: readonly (readonly [Deno.Signal, ExitCode])[] = [
  ["SIGINT", EXIT.interrupted],
  ["SIGTERM", EXIT.terminated],
  ["SIGHUP", EXIT.hangup],
];
/** Windows has no SIGTERM; Ctrl-Break is the nearest. */
const WINDOWS_SIGNALS: readonly (readonly [Deno.Signal, ExitCode])[] = [
  ["SIGINT", EXIT.interrupted],
  ["SIGBREAK", EXIT.terminated],
];

/**
 * A write beyond the limit on the size of files (`ulimit -f`) also sends a signal that ends the process. With a handler
 * the write fails with EFBIG alone, which is reported like any other failure of the disk.
 */
const FILE_TOO_LARGE: Deno.Signal = "SIGXFSZ";

export class Interruption implements Disposable {
  readonly #controller = new AbortController();
  readonly #listeners: [Deno.Signal, () => void][] = [];
  readonly #cleanupMs: number;
  #exit: ExitCode | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Listens for signals until it is disposed; `ignored` ones have no effect. */
  constructor(ignored: ReadonlySet<Deno.Signal> = new Set(), cleanupMs = CLEANUP_MS) {
    this.#cleanupMs = cleanupMs;
    const isWindows = Deno.build.os === "windows";
    if (!isWindows) this.#listen(FILE_TOO_LARGE, () => {});
    for (const [signal, exit] of isWindows ? WINDOWS_SIGNALS : SIGNALS) {
      // With its first listener Deno handles all ending signals, and one without a listener would end the process.
      this.#listen(signal, ignored.has(signal) ? () => {} : () => this.interrupt(exit));
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The exit code of the interruption; null without one. */
  get exit(): ExitCode | null {
    return this.#exit;
  }

  /** Aborts the command; in a second call ends the process at once. */
  interrupt(exit: ExitCode): void {
    if (this.#exit !== null) Deno.exit(exit);
    this.#exit = exit;
    this.#timer = setTimeout(() => Deno.exit(exit), this.#cleanupMs);
    this.#controller.abort();
  }

  /**
   * Aborts the command because its output is closed. Further calls have no effect, because there is one for each line.
   */
  outputClosed(): void {
    if (this.#exit === null) this.interrupt(EXIT.outputClosed);
  }

  [Symbol.dispose](): void {
    // Even clearing no timer loads Node's timers, which takes a third of Deno's own start-up time.
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    for (const [signal, listener] of this.#listeners) Deno.removeSignalListener(signal, listener);
  }

  #listen(signal: Deno.Signal, listener: () => void): void {
    Deno.addSignalListener(signal, listener);
    this.#listeners.push([signal, listener]);
  }
}
