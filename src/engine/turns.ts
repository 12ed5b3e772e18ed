// Runs long computations in turns, between which timers, signals and the network are served. A turn is a counted
// amount of work and not a time, so that a simulation is deterministic.

import { throwIfAborted } from "./abort.ts";
import type { Work } from "./work.ts";

/** Work between two turns of the event loop: a few milliseconds. */
const TURN_UNITS = 256 * 1024;

/**
 * Runs everything else that is due. By a timer and not by setImmediate: if the loop never rests, the runtime serves
 * one step of a request in each round, and a request of the page takes 150 of them.
 */
export function letOthersRun(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

export class Turns {
  readonly #signal: AbortSignal | undefined;
  #units = 0;

  constructor(signal?: AbortSignal) {
    this.#signal = signal;
  }

  /** Counts work. Returns a promise when a turn is due, which rejects with `cancelled` on abort. */
  count(units: number): Promise<void> | null {
    this.#units += units;
    return this.#units < TURN_UNITS ? null : this.#turn();
  }

  /** The result of a computation. Throws `cancelled`, and what the computation throws. */
  async run<T>(work: Work<T>): Promise<T> {
    for (;;) {
      const step = work.next();
      if (step.done) return step.value;
      const turn = this.count(step.value);
      if (turn !== null) await turn;
    }
  }

  async #turn(): Promise<void> {
    this.#units = 0;
    await letOthersRun();
    throwIfAborted(this.#signal);
  }
}
