// A process of a simulation: when it is killed, its code ends without any clean-up. An engine awaits only its ports,
// so pending calls of ports end it.

import { setMaxListeners } from "node:events";
import type { Clock, DiskFile, DiskLock } from "../../src/engine/ports.ts";
import type { SimulatedClock } from "./simulated_clock.ts";

export class Process {
  isAlive = true;
  isFrozen = false;
  /** Continuations that became due while it was frozen. */
  readonly #missed: (() => void)[] = [];
  readonly openFiles = new Set<DiskFile>();
  readonly locks = new Set<DiskLock>();
  /** Number of started disk operations. */
  operations = 0;
  readonly clock: Clock;
  /** Called before every disk operation. */
  onOperation: () => void = () => {};

  constructor(readonly name: string, clock: SimulatedClock) {
    this.clock = {
      nowMs: () => clock.nowMs(),
      epochMs: () => clock.epochMs(),
      timer: (delayMs, wake) => clock.timer(delayMs, () => this.#enter(wake)),
      sleep: (delayMs, signal) => {
        if (signal !== undefined) setMaxListeners(0, signal);
        return this.own(clock.sleep(delayMs, signal));
      },
    };
  }

  /** Kills it: its code ends at the next wait, its locks are released at once. */
  kill(): void {
    this.isAlive = false;
    for (const lock of this.locks) lock.release();
  }

  /** Suspends it until it is thawed. */
  freeze(): void {
    this.isFrozen = true;
  }

  thaw(): void {
    this.isFrozen = false;
    for (const act of this.#missed.splice(0)) this.#enter(act);
  }

  /** Runs a continuation in this process: later if it is frozen, never if it was killed. */
  #enter(act: () => void): void {
    if (!this.isAlive) return;
    if (this.isFrozen) this.#missed.push(act);
    else act();
  }

  /** The result of a promise for this process, which stays pending if the process was killed. */
  own<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      promise.then(
        (value) => this.#enter(() => resolve(value)),
        (error) => this.#enter(() => reject(error)),
      );
    });
  }
}
