import type { TransferFixture } from "./transfer_fixture.ts";

/** Advances the virtual clock until the promise has settled. */
export async function inTime<T>(fixture: TransferFixture, promise: Promise<T>): Promise<T> {
  let isSettled = false;
  const settled = promise.finally(() => isSettled = true);
  settled.catch(() => {});
  while (!isSettled) await fixture.clock.pass(100);
  return await settled;
}
