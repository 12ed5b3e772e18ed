// How a command is stopped from outside: Ctrl-C, a signal, a closed terminal, or nobody reading the output.
// The first one aborts and leaves a moment to clean up; a second signal, or a clean-up that takes too long,
// ends the process at once.

import { EXIT, type ExitCode } from "./exit_codes.ts";

/** How long cleaning up may take. */
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

export class Interruption implements Disposable {
  readonly #controller = new AbortController();
  readonly #listeners: [Deno.Signal, () => void][] = [];
  #exit: ExitCode | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Listens for signals until it is disposed. */
  constructor() {
    for (const [signal, exit] of Deno.build.os === "windows" ? WINDOWS_SIGNALS : SIGNALS) {
      const listener = () => this.interrupt(exit);
      Deno.addSignalListener(signal, listener);
      this.#listeners.push([signal, listener]);
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The exit code that the interruption asks for; null while there is none. */
  get exit(): ExitCode | null {
    return this.#exit;
  }

  /** Stops the command; what has been stopped already is ended at once. */
  interrupt(exit: ExitCode): void {
    if (this.#exit !== null) Deno.exit(exit);
    this.#exit = exit;
    this.#timer = setTimeout(() => Deno.exit(exit), CLEANUP_MS);
    this.#controller.abort();
  }

  /** Stops the command because its output is closed. Not a reason to hurry: it comes once for each line. */
  outputClosed(): void {
    if (this.#exit === null) this.interrupt(EXIT.outputClosed);
  }

  [Symbol.dispose](): void {
    // Even clearing none loads Node's timers, which takes a third of the time that Deno takes to start.
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    for (const [signal, listener] of this.#listeners) Deno.removeSignalListener(signal, listener);
  }
}
