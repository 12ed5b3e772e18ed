// Doing many small things to a disk at once, but not all of them: work over a list with a bound, and a
// backlog of jobs that go on while their caller does something else.

/**
 * Calls `visit` for every item, at most `limit` at a time. After an error no further visit is started; it is
 * thrown when those under way have ended.
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
  const runs = Array.from({ length: Math.min(limit, items.length) }, run);
  for (const result of await Promise.allSettled(runs)) {
    if (result.status === "rejected") throw result.reason;
  }
}

/** Cuts a list into lists of at most `limit` items. */
export function* batches<T>(items: readonly T[], limit: number): Generator<T[]> {
  for (let at = 0; at < items.length; at += limit) yield items.slice(at, at + limit);
}

/**
 * Jobs that run beside their caller, at most `limit` at a time, and in memory of at most `capacityBytes`
 * together. The first error of one is told later.
 */
export class Backlog {
  readonly #running = new Set<Promise<void>>();
  #usedBytes = 0;
  #failure: { error: unknown } | null = null;

  constructor(readonly limit: number, readonly capacityBytes: number = Infinity) {}

  /**
   * Starts a job as soon as there is room for it; one that needs more than all of the memory runs alone.
   * Throws the error of an earlier one instead.
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

  /** Waits for all jobs. Throws the first error there was, now and every time after. */
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
