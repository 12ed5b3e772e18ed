// Named sequences of the view of a download. The traces of download_transfer_test.ts compare it with what is shown.

import assert from "node:assert/strict";
import { PliError, type WaitReason } from "../../../src/engine/mod.ts";
import { downloadAfter, type DownloadEvent, newDownload } from "../../../src/app/transfers/download_view.ts";
import type { DownloadView } from "../../../src/app/views.ts";
import { figuresOf, isSizeKnown } from "../../../src/web/ui/download_figures.ts";
import { assertShownAlike } from "./download_renderings.ts";

const PATH = { type: "path", id: "07", kind: "direct", address: "203.0.113.7:9", rttMs: 3 } as const;
const waiting = (reason: WaitReason) => ({ type: "waiting", reason }) as const;
const progress = (bytes: number) => ({ type: "progress", bytes, total: 100, files: 0 }) as const;

/** The views after each event, which all three show alike; a second passes between two events. */
async function viewsAfter(events: readonly DownloadEvent[]): Promise<DownloadView[]> {
  let model = newDownload({ id: "x", folder: "/d", startedAt: 0 });
  const views = events.map((event, at) => (model = downloadAfter(model, event, at * 1_000)).view);
  await assertShownAlike(events.map((event, at) => ({ type: "event", event, view: views[at] })));
  return views;
}

Deno.test("a wait ends with the new connection, or with what only a connection reports", async () => {
  const begin: DownloadEvent[] = [{ type: "begun" }, waiting("connecting")];
  const lost = [...begin, PATH, progress(50), waiting("reconnecting")];
  const cases: [DownloadEvent[], DownloadView["state"]][] = [
    [[...lost, PATH], "running"],
    [[...lost, { type: "stalled", seconds: 2 }], "running"],
    [[...lost, PATH, { type: "stalled", seconds: 2 }], "running"],
    [[...lost, progress(60)], "running"],
    [[...lost, PATH, { type: "checking", bytes: 50 }, PATH], "checking"],
    [[...begin, PATH], "connecting"],
    [[...begin, waiting("sender"), PATH], "connecting"],
    [[...begin, waiting("relay"), PATH], "connecting"],
  ];
  for (const [events, state] of cases) {
    const view = (await viewsAfter(events)).at(-1)!;
    assert.deepEqual([view.state, view.waiting], [state, null], JSON.stringify(events));
  }
});

Deno.test("a measured speed of 0 is shown as such, without a time left", async () => {
  const views = await viewsAfter([{ type: "begun" }, progress(0), progress(0), progress(0)]);
  assert.deepEqual(views.map(({ bytesPerSecond }) => bytesPerSecond), [null, null, 0, 0]);
});

Deno.test("a transfer of 0 bytes is complete", async () => {
  const files = [{ name: "empty", bytes: 0 }];
  const manifest = { type: "manifest", files, bytes: 0, folders: 0, hiddenFiles: 0 } as const;
  const views = await viewsAfter([
    { type: "begun" },
    manifest,
    { type: "progress", bytes: 0, total: 0, files: 1 },
  ]);
  assert.deepEqual(views.map(isSizeKnown), [false, true, true]);
  assert.deepEqual(figuresOf(views[2]).moving, ["0 bytes of 0 bytes"]);
});

Deno.test("no figure falls over a pause, and a download that has ended counts anew", async () => {
  const again = [{ type: "begun" }, progress(50), progress(54), progress(60)] as const;
  const shown = async (end: DownloadEvent) => {
    const views = await viewsAfter([{ type: "begun" }, progress(0), progress(55), end, ...again]);
    return views.slice(-5).map(({ doneBytes }) => doneBytes);
  };
  const lost = new PliError("connection_lost", {});
  assert.deepEqual(await shown({ type: "stopped" }), [55, 55, 55, 55, 60]);
  assert.deepEqual(await shown({ type: "broken", error: lost, keptBytes: 50 }), [55, 55, 55, 55, 60]);
  const refused = new PliError("relay_needed", {});
  assert.deepEqual(await shown({ type: "broken", error: refused, keptBytes: 0 }), [55, 0, 50, 54, 60]);
  const views = await viewsAfter([{ type: "begun" }, progress(55), { type: "stopped" }, ...again]);
  assert.equal(views.at(-2)!.bytesPerSecond, 4, "the speed is that of the data");
});
