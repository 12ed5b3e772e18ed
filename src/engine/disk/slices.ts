// Many small operations on the disk. On a near disk one takes 3 to 80 us, and handing it to another thread several
// times that. So they run synchronously in slices of a few milliseconds, between which timers, signals and the network
// are served. On a far disk, a network share, each would block the program, so there they run concurrently on other
// threads.

import { isPliError, type PliError } from "../errors.ts";
import { letOthersRun } from "../turns.ts";
import { allSettled } from "../settled.ts";

/** Maximum time for which the event loop is blocked. */
const SLICE_MS = 5;
/** Number of slow slices after which a disk is far, because another program can cause a single one. */
const FAR_SLICES = 2;
/** Of this number of turns, one lets the event loop rest. Without that, requests of the page take most of a second. */
const RESTING_TURN = 4;
/** Concurrent operations on a far disk. */
const MAXIMUM_CONCURRENT = 16;

/**
 * Time of work since the last turn, of all callers: successive short calls would otherwise block like one long call.
 */
let workedMs = 0;
let turns = 0;
/** The turn in progress. */
let turning: Promise<void> | null = null;

export interface SliceOptions {
  /** Time for each operation above which a disk is far. */
  farMs: number;
  /** Whether an error ends the work; it is then the result of everything that was not begun. */
  stopsAtFault?: boolean;
}

/**
 * The results of an operation for each item, in order: its result or its PliError; other errors are thrown. `quick` is
 * synchronous, `patient` is the same operation, asynchronous.
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
  const toPliError = (error: unknown): PliError => {
    if (!isPliError(error)) throw error;
    faults.push(error);
    return error;
  };
  /** Works until the slice is over. Returns whether the disk is far. */
  const slice = (): boolean => {
    const [first, startMs] = [next, performance.now()];
    let sliceMs = 0;
    do {
      const at = next++;
      try {
        outcomes[at] = quick(items[at]);
      } catch (error) {
        outcomes[at] = toPliError(error);
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
        outcomes[at] = toPliError(error);
      }
    }
  };
  for (let farSlices = 0; goesOn() && farSlices < FAR_SLICES;) {
    farSlices = slice() ? farSlices + 1 : 0;
    if (workedMs >= SLICE_MS) await turn();
  }
  if (goesOn()) await allSettled(Array.from({ length: MAXIMUM_CONCURRENT }, run));
  if (next < items.length) outcomes.fill(faults[0], next);
  return outcomes;
}

/**
 * Runs the event loop once, and sometimes lets it rest, which costs a millisecond. Shared by all callers, because
 * otherwise one of them would work while others rest.
 */
function turn(): Promise<void> {
  return turning ??= takeTurn();
}

async function takeTurn(): Promise<void> {
  turns = (turns + 1) % RESTING_TURN;
  await (turns === 0 ? letOthersRun() : new Promise<void>((resolve) => setImmediate(resolve)));
  workedMs = 0;
  turning = null;
}
