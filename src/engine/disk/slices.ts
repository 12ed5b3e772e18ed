// Many small operations on the disk. On a near disk one takes 3 to 80 us, and handing it to another thread
// several times that: so they are done here and now, a few milliseconds at a time, and then timers, signals
// and the network have their turn. On a far one, a network share, the program would wait for each: there they
// are handed away, many at a time.

import { isPliError, type PliError } from "../errors.ts";

/** How long the rest of the program may wait. */
const SLICE_MS = 5;
/** In so many slices a disk has to be slow to be far: once may be another program's doing. */
const FAR_SLICES = 2;
/** How many are under way on a far disk. */
const TOGETHER = 16;

/** Work since the last turn, of all callers: many short calls one after the other would be one long one. */
let workedMs = 0;

export interface SliceOptions {
  /** A disk is far that takes longer than this for each. */
  farMs: number;
  /** Whether a fault ends it; it stands then for everything that was not begun. */
  stopsAtFault?: boolean;
}

/**
 * What an operation gives for each item, in their order: its result or its PliError; other errors are thrown.
 * `quick` is done when it returns, `patient` does the same and lets others go on.
 */
export async function inSlices<T, R>(
  items: readonly T[],
  quick: (item: T) => R,
  patient: (item: T) => Promise<R>,
  { farMs, stopsAtFault = false }: SliceOptions,
): Promise<(R | PliError)[]> {
  const outcomes = new Array<R | PliError>(items.length);
  const faults: PliError[] = [];
  let next = 0;
  const goesOn = (): boolean => next < items.length && (faults.length === 0 || !stopsAtFault);
  const told = (error: unknown): PliError => {
    if (!isPliError(error)) throw error;
    faults.push(error);
    return error;
  };
  /** Works until the turn is over. Returns whether the disk is far. */
  const slice = (): boolean => {
    const [first, startMs] = [next, performance.now()];
    let sliceMs = 0;
    do {
      const at = next++;
      try {
        outcomes[at] = quick(items[at]);
      } catch (error) {
        outcomes[at] = told(error);
      }
      sliceMs = performance.now() - startMs;
    } while (goesOn() && workedMs + sliceMs < SLICE_MS);
    workedMs += sliceMs;
    return sliceMs > farMs * (next - first);
  };
  const run = async (): Promise<void> => {
    while (goesOn()) {
      const at = next++;
      try {
        outcomes[at] = await patient(items[at]);
      } catch (error) {
        outcomes[at] = told(error);
      }
    }
  };
  for (let farSlices = 0; goesOn() && farSlices < FAR_SLICES;) {
    farSlices = slice() ? farSlices + 1 : 0;
    if (workedMs >= SLICE_MS) await turn();
  }
  if (goesOn()) await allSettled(Array.from({ length: TOGETHER }, run));
  if (next < items.length) outcomes.fill(faults[0], next);
  return outcomes;
}

/** Lets the event loop go round. */
async function turn(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
  workedMs = 0;
}

/** Waits for all; throws the first error. */
async function allSettled(runs: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(runs)) {
    if (result.status === "rejected") throw result.reason;
  }
}
