// Runs several actions of which a failed one does not prevent the others: closing files, releasing locks.

/** Waits until all have ended. Throws the first error, in their order. */
export async function allSettled(promises: Iterable<Promise<unknown>>): Promise<void> {
  for (const result of await Promise.allSettled(promises)) {
    if (result.status === "rejected") throw result.reason;
  }
}

/** Runs each step after the previous one has ended, successful or not. Throws the first error at the end. */
export async function eachInTurn(steps: Iterable<() => Promise<unknown>>): Promise<void> {
  const ended: Promise<unknown>[] = [];
  for (const step of steps) {
    const result = step();
    ended.push(result);
    await result.catch(() => undefined);
  }
  await allSettled(ended);
}
