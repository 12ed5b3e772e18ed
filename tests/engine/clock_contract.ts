// The contract of the clock, as cases that run on Deno and on Node.js.

import { ok, rejects } from "node:assert";
import { systemClock } from "../../src/engine/clock.ts";

export const CLOCK_CASES: { sentence: string; test: () => Promise<void> }[] = [{
  sentence: "sleeps as long as it is told",
  async test() {
    const startMs = systemClock.nowMs();
    await systemClock.sleep(20, new AbortController().signal);
    ok(systemClock.nowMs() - startMs >= 19);
  },
}, {
  sentence: "an aborted sleep is cancelled at once, also one that had not begun",
  async test() {
    const controller = new AbortController();
    const asleep = systemClock.sleep(60_000, controller.signal);
    controller.abort("enough");
    await rejects(asleep, { code: "cancelled", cause: "enough" });
    await rejects(systemClock.sleep(60_000, controller.signal), { code: "cancelled" });
  },
}, {
  sentence: "a timer wakes once, unless it was stopped before",
  async test() {
    let woken = 0;
    const stop = systemClock.timer(1, () => woken++);
    stop();
    await new Promise<void>((resolve) => systemClock.timer(5, resolve));
    ok(woken === 0);
  },
}, {
  sentence: "tells the time of the system",
  test() {
    ok(Math.abs(systemClock.epochMs() - Date.now()) < 1_000);
    return Promise.resolve();
  },
}];
