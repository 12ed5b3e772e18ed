// A process of a simulation: what runs in it ends when it is killed, without any cleaning up. Everything that an
// engine waits for comes from its ports, so ports that never answer again are the end of it.

import { setMaxListeners } from "node:events";
import type { Clock, DiskFile, DiskLock } from "../../src/engine/ports.ts";
import type { SimulatedClock } from "./simulated_clock.ts";

export class Process {
  isAlive = true;
  isFrozen = false;
  /** What would have happened in it while it was frozen. */
  readonly #missed: (() => void)[] = [];
  readonly openFiles = new Set<DiskFile>();
  readonly locks = new Set<DiskLock>();
  /** Operations of the disk that were begun. */
  operations = 0;
  readonly clock: Clock;
  /** Told of every operation of the disk, before it. */
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

  /** Ends it: at the next thing that it waits for, and its locks at once. */
  kill(): void {
    this.isAlive = false;
    for (const lock of this.locks) lock.release();
  }

  /** Stops it where it is, until it is thawed. */
  freeze(): void {
    this.isFrozen = true;
  }

  thaw(): void {
    this.isFrozen = false;
    for (const act of this.#missed.splice(0)) this.#enter(act);
  }

  /** Goes on in this process: later when it is frozen, never when it is dead. */
  #enter(act: () => void): void {
    if (!this.isAlive) return;
    if (this.isFrozen) this.#missed.push(act);
    else act();
  }

  /** What a promise gives to this process: nothing when it has been killed meanwhile. */
  own<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      promise.then(
        (value) => this.#enter(() => resolve(value)),
        (error) => this.#enter(() => reject(error)),
      );
    });
  }
}
