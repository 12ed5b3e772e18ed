import assert from "node:assert/strict";
import {
  CONTENDED_THROUGHPUT,
  DeadlinePassed,
  MINIMUM_THROUGHPUT,
  whileMoving,
} from "../../../src/engine/transfer/deadline.ts";
import { VirtualClock } from "../../fakes/virtual_clock.ts";

/** A step that never ends, and the result of awaiting it. */
function stuck(minimum: () => typeof MINIMUM_THROUGHPUT) {
  const clock = new VirtualClock();
  const moved = { bytes: 0 };
  let ended: unknown;
  whileMoving(clock, minimum, new Promise(() => {}), () => moved.bytes).catch((error) => ended = error);
  return { clock, moved, ended: () => ended };
}

Deno.test("an occasional byte is no progress", async () => {
  const { clock, moved, ended } = stuck(() => MINIMUM_THROUGHPUT);
  for (let i = 0; i < 29; i++) {
    moved.bytes++;
    await clock.pass(1_000);
  }
  assert.equal(ended(), undefined);
  await clock.pass(2_000);
  assert.ok(ended() instanceof DeadlinePassed);
});

Deno.test("a kibibyte in 30 seconds is progress, unless the budget is contended", async () => {
  let minimum = MINIMUM_THROUGHPUT;
  const { clock, moved, ended } = stuck(() => minimum);
  for (let i = 0; i < 5; i++) {
    moved.bytes += MINIMUM_THROUGHPUT.bytes;
    await clock.pass(25_000);
  }
  assert.equal(ended(), undefined);
  minimum = CONTENDED_THROUGHPUT;
  await clock.pass(3_000);
  const error = ended();
  assert.ok(error instanceof DeadlinePassed && error.minimum === CONTENDED_THROUGHPUT);
});
