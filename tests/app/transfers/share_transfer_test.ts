import assert from "node:assert/strict";
import fc from "fast-check";
import {
  isShareOver,
  SHARE_STATES,
  type ShareSignal,
  type ShareState,
  shareStateAfter,
} from "../../../src/app/transfers/share_states.ts";
import { SHARE_COMMANDS, SHARE_SETUP, ShareRun } from "./share_run.ts";

const STATES = Object.keys(SHARE_STATES) as ShareState[];
const SIGNALS: ShareSignal[] = [
  "complete",
  "ticket",
  "delivered",
  "partial",
  "sent",
  "failed",
  "stop",
];

Deno.test("share states: every state can be left or is final, and every one but staging is reached", () => {
  const reached = new Set(STATES.flatMap((state) => Object.values(SHARE_STATES[state])));
  assert.deepEqual(STATES.filter((state) => !reached.has(state)), ["staging"]);
  for (const state of STATES) {
    const next = SIGNALS.map((signal) => shareStateAfter(state, signal));
    assert.equal(next.every((other) => other === state), isShareOver(state), state);
  }
});

Deno.test("the states, figures and record of a share are consistent, in every order of events", async () => {
  const ends = new Set<string>();
  const commands = fc.commands(SHARE_COMMANDS, { maxCommands: 60, size: "large" });
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), SHARE_SETUP, commands, async (scheduler, setup, commands) => {
      const share = new ShareRun(scheduler, setup);
      await fc.scheduledModelRun(scheduler, () => ({ model: {}, real: share }), commands);
      await share.finish();
      ends.add(share.transfer.view.state);
    }),
    // A few runs may reach not every end: the quick run has a fixed seed.
    Deno.env.has("PLI_LONG") ? { numRuns: 5_000 } : { numRuns: 200, seed: 1 },
  );
  // fast-check has no timeout for a property that never ends.
  assert.deepEqual([...ends].sort(), ["delivered", "failed", "partial", "sent", "stopped"]);
});
