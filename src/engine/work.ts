// Long computations in steps. Each step yields its cost, and the caller decides what happens in between: a plain loop
// does nothing, `turns.ts` runs the event loop.

/** A computation in steps; each yields its cost, in units of about one byte read. */
export type Work<T> = Generator<number, T, void>;

/** Cost of an item besides its bytes. */
export const ITEM_UNITS = 64;

/** The result of a computation, without a pause. */
export function complete<T>(work: Work<T>): T {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

/** The results of a function for each item, in steps. */
export function* collecting<T, R>(items: Iterable<T>, of: (item: T) => R): Work<R[]> {
  const collected: R[] = [];
  for (const item of items) {
    collected.push(of(item));
    yield ITEM_UNITS;
  }
  return collected;
}
