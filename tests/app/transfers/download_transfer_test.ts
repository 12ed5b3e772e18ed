// The races between the commands of a download: drawn traces of the whole state machine, and named cases.

import assert from "node:assert/strict";
import fc from "fast-check";
import { isFetching } from "../../../src/app/transfers/download_states.ts";
import { assertShownAlike } from "./download_renderings.ts";
import { Real, runTrace, TRACE } from "./download_traces.ts";

Deno.test("F.2 a download is listed, fetched, locked and shown according to its state, for every overlap of commands", async () => {
  const trace = fc.asyncProperty(fc.scheduler(), TRACE, async (scheduler, trace) => {
    const { updates } = await runTrace(scheduler, trace);
    for (const each of updates) await assertShownAlike(each);
  });
  await fc.assert(trace, { numRuns: Deno.env.has("PLI_LONG") ? 2_000 : 100 });
});

/** Runs pending tasks, in any order, until a promise resolves. */
async function inAnyOrder(work: (real: Real) => Promise<void>): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const real = new Real(scheduler);
      await scheduler.waitFor(work(real));
      await scheduler.waitFor(Promise.all(real.transfers.map((transfer) => transfer.close())));
    }),
    { numRuns: 50 },
  );
}

Deno.test("F.2 of two resumes in one turn one starts a fetch, which a pause ends", async () => {
  await inAnyOrder(async (real) => {
    const [transfer] = real.transfers;
    assert.deepEqual(await Promise.all([transfer.resume(), transfer.resume()]), [true, false]);
    assert.ok(isFetching(transfer.state));
    await transfer.pause();
    assert.equal(transfer.state, "paused");
    assert.equal(real.outside.fetches.size, 0);
  });
});

Deno.test("F.2 a resume during a discard has no effect", async () => {
  await inAnyOrder(async (real) => {
    const [transfer] = real.transfers;
    await transfer.resume();
    const later = real.outside.scheduler.schedule(Promise.resolve());
    const [discarded, resumed] = await Promise.all([transfer.discard(), later.then(() => transfer.resume())]);
    assert.deepEqual([discarded, resumed, transfer.state], [true, false, "removed"]);
    assert.deepEqual([real.outside.fetches.size, real.listed.has(transfer)], [0, false]);
  });
});

Deno.test("F.2 a discard keeps a download that is complete by then", async () => {
  await inAnyOrder(async (real) => {
    const [transfer] = real.transfers;
    await transfer.resume();
    while (real.fetchesOf(transfer).length === 0) await real.outside.scheduler.schedule(Promise.resolve());
    real.fetchesOf(transfer)[0].end("done");
    assert.equal(await transfer.discard(), false);
    assert.deepEqual([transfer.state, real.listed.has(transfer)], ["done", true]);
  });
});

Deno.test("F.2 a preview that was cancelled, by its page or for a newer one, does not keep the record locked", async () => {
  await inAnyOrder(async (real) => {
    const [transfer] = real.transfers;
    for (let i = 0; i < 6; i++) real.preview(i === 0 ? 0 : 1);
    real.requested[0].stop.abort();
    await transfer.resume();
    while (real.fetchesOf(transfer).length === 0) {
      assert.ok(isFetching(transfer.state), `it is ${transfer.state}`);
      await real.outside.scheduler.schedule(Promise.resolve());
    }
    for (const { stop } of real.requested) stop.abort();
    while (real.outside.previews.count > 0) await real.outside.scheduler.schedule(Promise.resolve());
    assert.equal(real.outside.inspections.size, 0);
  });
});
