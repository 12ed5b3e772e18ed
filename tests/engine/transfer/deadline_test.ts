import assert from "node:assert/strict";
import { DeadlinePassed, PRESSED, STEADY, whileMoving } from "../../../src/engine/transfer/deadline.ts";
import { VirtualClock } from "../../fakes/virtual_clock.ts";

/** A step that does not end, and what became of the wait for it. */
function stuck(pace: () => typeof STEADY) {
  const clock = new VirtualClock();
  const moved = { bytes: 0 };
  let ended: unknown;
  whileMoving(clock, pace, new Promise(() => {}), () => moved.bytes).catch((error) => ended = error);
  return { clock, moved, ended: () => ended };
}

Deno.test("a byte now and then is not moving", async () => {
  const { clock, moved, ended } = stuck(() => STEADY);
  for (let i = 0; i < 29; i++) {
    moved.bytes++;
    await clock.pass(1_000);
  }
  assert.equal(ended(), undefined);
  await clock.pass(2_000);
  assert.ok(ended() instanceof DeadlinePassed);
});

Deno.test("a kibibyte in 30 seconds is, as long as nobody waits for what is held", async () => {
  let pace = STEADY;
  const { clock, moved, ended } = stuck(() => pace);
  for (let i = 0; i < 5; i++) {
    moved.bytes += STEADY.bytes;
    await clock.pass(25_000);
  }
  assert.equal(ended(), undefined);
  pace = PRESSED;
  await clock.pass(3_000);
  const error = ended();
  assert.ok(error instanceof DeadlinePassed && error.pace === PRESSED);
});
