// Many small concurrent disk operations with a bound: over a list, and as a backlog of jobs beside their caller.

import { allSettled } from "../settled.ts";

/**
 * Calls `visit` for every item, at most `limit` at a time. After an error no further call is started; the error is
 * thrown when the running ones have ended.
 */
export async function eachBounded<T>(
  items: readonly T[],
  limit: number,
  visit: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  const run = async (): Promise<void> => {
    while (next < items.length) {
      try {
        await visit(items[next++]);
      } catch (error) {
        next = items.length;
        throw error;
      }
    }
  };
  await allSettled(Array.from({ length: Math.min(limit, items.length) }, run));
}

/** Cuts a list into lists of at most `limit` items. */
export function* batches<T>(items: readonly T[], limit: number): Generator<T[]> {
  for (let at = 0; at < items.length; at += limit) yield items.slice(at, at + limit);
}

/**
 * Jobs that run beside their caller, at most `limit` at a time and in at most `capacityBytes` of memory together. The
 * first error of a job is thrown by a later call.
 */
export class Backlog {
  readonly #running = new Set<Promise<void>>();
  #usedBytes = 0;
  #failure: { error: unknown } | null = null;

  constructor(readonly limit: number, readonly capacityBytes: number = Infinity) {}

  /**
   * Starts a job as soon as there is room for it. A job that needs more than the whole capacity runs alone. Throws the
   * error of an earlier job instead.
   */
  async add(job: () => Promise<void>, memoryBytes = 0): Promise<void> {
    while (!this.#hasRoom(memoryBytes)) await Promise.race(this.#running);
    this.#throwFailure();
    this.#usedBytes += memoryBytes;
    const running = this.#run(job).finally(() => {
      this.#usedBytes -= memoryBytes;
      this.#running.delete(running);
    });
    this.#running.add(running);
  }

  /** Waits for all jobs. Throws the first error, in this and every later call. */
  async drain(): Promise<void> {
    await Promise.all(this.#running);
    this.#throwFailure();
  }

  #hasRoom(memoryBytes: number): boolean {
    if (this.#running.size === 0) return true;
    return this.#running.size < this.limit && this.#usedBytes + memoryBytes <= this.capacityBytes;
  }

  async #run(job: () => Promise<void>): Promise<void> {
    try {
      await job();
    } catch (error) {
      this.#failure ??= { error };
    }
  }

  #throwFailure(): void {
    if (this.#failure !== null) throw this.#failure.error;
  }
}
