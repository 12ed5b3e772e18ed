import { ok, rejects } from "node:assert";
import { systemClock } from "../../src/engine/clock.ts";

Deno.test("clock: sleeps as long as it is told", async () => {
  const startMs = systemClock.nowMs();
  await systemClock.sleep(20, new AbortController().signal);
  ok(systemClock.nowMs() - startMs >= 19);
});

Deno.test("clock: an aborted sleep is cancelled at once, also one that had not begun", async () => {
  const controller = new AbortController();
  const asleep = systemClock.sleep(60_000, controller.signal);
  controller.abort("enough");
  await rejects(asleep, { code: "cancelled", cause: "enough" });
  await rejects(systemClock.sleep(60_000, controller.signal), { code: "cancelled" });
});
