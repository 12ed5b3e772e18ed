// Virtual time that advances to the next pending timer as soon as no task is runnable. Everything between two timers
// is microtasks, and those have all run when a macrotask begins: so one turn of the event loop per timer is enough.

import { setImmediate } from "node:timers";
import { PliError } from "../../src/engine/errors.ts";
import type { Clock } from "../../src/engine/ports.ts";

interface Timer {
  untilMs: number;
  /** Of two timers at one time the one that was created earlier is first. */
  order: number;
  wake: (() => void) | null;
}

/** The date at the start. */
const START_EPOCH_MS = 1_800_000_000_000;

export class SimulatedClock implements Clock {
  /** A binary heap. */
  readonly #timers: Timer[] = [];
  #nowMs = 0;
  #order = 0;
  /** How far the system's clock was set forward. */
  offsetMs = 0;

  nowMs(): number {
    return this.#nowMs;
  }

  epochMs(): number {
    return START_EPOCH_MS + this.#nowMs + this.offsetMs;
  }

  timer(delayMs: number, wake: () => void): () => void {
    const timer: Timer = { untilMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, wake };
    this.#push(timer);
    return () => timer.wake = null;
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(new PliError("cancelled", {}));
      const abort = () => {
        cancel();
        reject(new PliError("cancelled", {}));
      };
      const cancel = this.timer(delayMs, () => {
        signal?.removeEventListener("abort", abort);
        resolve();
      });
      signal?.addEventListener("abort", abort, { once: true });
    });
  }

  /** Number of pending timers. */
  get timers(): number {
    return this.#timers.filter(({ wake }) => wake !== null).length;
  }

  /** Whether no timer is set. */
  get isIdle(): boolean {
    return this.timers === 0;
  }

  /** Advances the clock until a condition holds, at most to a moment. Resolves to whether it holds. */
  async runUntil(isSo: () => boolean, latestMs: number = Infinity): Promise<boolean> {
    for (;;) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      if (isSo()) return true;
      const next = this.#pop();
      if (next === undefined) return false;
      if (next.untilMs > latestMs) {
        this.#push(next);
        this.#nowMs = Math.max(this.#nowMs, latestMs);
        return false;
      }
      this.#nowMs = Math.max(this.#nowMs, next.untilMs);
      next.wake!();
    }
  }

  /** The result of a promise, while the clock advances. Throws Error if it never settles. */
  async settled<T>(promise: Promise<T>, latestMs: number = Infinity): Promise<T> {
    let isOver = false;
    const over = () => void (isOver = true);
    promise.then(over, over);
    if (!await this.runUntil(() => isOver, latestMs)) throw new Error("never ends");
    return await promise;
  }

  /** The next timer that was not cancelled. */
  #pop(): Timer | undefined {
    for (;;) {
      const [first] = this.#timers;
      const last = this.#timers.pop();
      if (first === undefined || last === undefined) return undefined;
      if (first !== last) this.#sink(last);
      if (first.wake !== null) return first;
    }
  }

  #push(timer: Timer): void {
    const timers = this.#timers;
    let at = timers.length;
    timers.push(timer);
    for (; at > 0; at = (at - 1) >> 1) {
      const above = timers[(at - 1) >> 1];
      if (!isBefore(timer, above)) break;
      timers[at] = above;
    }
    timers[at] = timer;
  }

  #sink(timer: Timer): void {
    const timers = this.#timers;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below + 1 < timers.length && isBefore(timers[below + 1], timers[below])) below++;
      if (below >= timers.length || !isBefore(timers[below], timer)) break;
      timers[at] = timers[below];
      at = below;
    }
    timers[at] = timer;
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.untilMs === b.untilMs ? a.order < b.order : a.untilMs < b.untilMs;
}
