// A clock that a test advances.

import { PliError } from "../../src/engine/errors.ts";
import type { Clock } from "../../src/engine/ports.ts";

interface Sleeper {
  untilMs: number;
  wake: () => void;
}

/** The date at the start, long after the files of a MemoryDisk were created. */
const START_EPOCH_MS = 1_800_000_000_000;

export class VirtualClock implements Clock {
  #nowMs = 0;
  readonly #sleepers = new Set<Sleeper>();

  nowMs(): number {
    return this.#nowMs;
  }

  epochMs(): number {
    return START_EPOCH_MS + this.#nowMs;
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(new PliError("cancelled", {}));
      const sleeper = { untilMs: this.#nowMs + delayMs, wake: resolve };
      this.#sleepers.add(sleeper);
      signal?.addEventListener("abort", () => {
        this.#sleepers.delete(sleeper);
        reject(new PliError("cancelled", {}));
      }, { once: true });
    });
  }

  timer(delayMs: number, wake: () => void): () => void {
    const sleeper = { untilMs: this.#nowMs + delayMs, wake };
    this.#sleepers.add(sleeper);
    return () => this.#sleepers.delete(sleeper);
  }

  /** Whether a timer is pending. */
  get isAwaited(): boolean {
    return this.#sleepers.size > 0;
  }

  /** Advances the clock, runs due timers in order, and what they start. */
  async pass(durationMs: number): Promise<void> {
    const untilMs = this.#nowMs + durationMs;
    for (;;) {
      await settle();
      const [next] = [...this.#sleepers].sort((a, b) => a.untilMs - b.untilMs);
      if (next === undefined || next.untilMs > untilMs) break;
      this.#sleepers.delete(next);
      this.#nowMs = next.untilMs;
      next.wake();
    }
    this.#nowMs = untilMs;
  }
}

/** Runs all pending microtasks. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setTimeout(resolve, 0));
}
