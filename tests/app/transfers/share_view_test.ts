import assert from "node:assert/strict";
import type { TransferEvent } from "../../../src/engine/mod.ts";
import {
  measuredShare,
  newShareView,
  shareAfter,
  type ShareInput,
} from "../../../src/app/transfers/share_view.ts";
import type { ShareView } from "../../../src/app/views.ts";

function visit(number: number): TransferEvent[] {
  const id = String(number).padStart(64, "0");
  return [
    { type: "receiver", id, state: "connected" },
    { type: "progress", id, bytes: 10, total: 10, files: 1 },
    { type: "receiver", id, state: "gone" },
  ];
}

Deno.test("E.31 of thousands of receivers of a kept share the latest are shown, and those that are connected", () => {
  const about = { title: "a", otherNames: 0, keep: true, skipped: [], isStaged: false };
  let share = measuredShare(newShareView("share", 0, about));
  const [first] = visit(0);
  share = shareAfter(share, first, 0);
  for (let number = 1; number <= 3_000; number++) {
    share = visit(number).reduce((share, event) => shareAfter(share, event, number), share);
  }
  const shown = share.view.receivers.map(({ id }) => Number(id));
  assert.equal(share.receivers.size, 256);
  assert.equal(shown.length, 257);
  assert.deepEqual([shown[0], shown[1], shown[256]], [0, 2_745, 3_000]);
});

/** The view of a share after some inputs, one each second. */
function viewAfter(keep: boolean, ...inputs: ShareInput[]): ShareView {
  const about = { title: "a", otherNames: 0, keep, skipped: [], isStaged: false };
  let share = measuredShare(newShareView("share", 0, about));
  inputs.forEach((input, second) => share = shareAfter(share, input, second * 1_000));
  return share.view;
}

const ID = "ab".repeat(32);
const TICKET: ShareInput = {
  type: "ticket",
  ticket: "blob",
  hash: "09".repeat(32),
  files: 2,
  bytes: 1_000,
  relayReached: true,
  relayMissed: false,
  relayUrl: "https://relay.example./",
  addresses: [],
};
const takes = (bytes: number): ShareInput => ({ type: "progress", id: ID, bytes, total: 1_000, files: 0 });

Deno.test("a complete receiver that receives the share again starts at 0, and no other does", () => {
  const first: ShareInput[] = [
    TICKET,
    { type: "receiver", id: ID, state: "receiving" },
    takes(400),
    takes(600),
  ];
  assert.equal(viewAfter(true, ...first).receivers[0].bytesPerSecond, 200);
  assert.equal(viewAfter(true, ...first, takes(100)).receivers[0].bytes, 600);
  const delivered: ShareInput = { type: "delivered", id: ID, files: 2, bytes: 1_000 };
  assert.equal(viewAfter(true, ...first, takes(1_000), delivered, takes(1_000)).receivers[0].hasAll, true);
  const [again] = viewAfter(true, ...first, takes(1_000), delivered, takes(1_000), takes(100)).receivers;
  assert.deepEqual([again.bytes, again.hasAll, again.bytesPerSecond], [100, false, null]);
});

Deno.test("a figure of a disconnected receiver is shown for no other one, and again when it reconnects", () => {
  const gone: ShareInput = { type: "receiver", id: ID, state: "gone" };
  const comes: ShareInput = { type: "receiver", id: ID, state: "connected" };
  assert.deepEqual(viewAfter(true, TICKET, comes, gone, takes(10)).receivers, []);
  const [back] = viewAfter(true, TICKET, comes, takes(500), gone, comes, takes(100)).receivers;
  assert.deepEqual([back.bytes, back.state], [500, "connected"]);
});

Deno.test("E.6 a changed file ends no share by itself", () => {
  const changed: ShareInput = { type: "source_changed", name: "a.txt" };
  for (const keep of [true, false]) {
    const view = viewAfter(keep, TICKET, changed, { type: "all_lost" });
    assert.deepEqual([view.state, view.lost.names, view.isAllLost], ["serving", ["a.txt"], true]);
  }
});

Deno.test("E.2 a given path that is left out counts as missing, for every reason", () => {
  const skipped: ShareInput[] = ["pipe", "folder/pipe"].map((name) => {
    return { type: "skipped", name, reason: "special_file" };
  });
  assert.equal(viewAfter(false, ...skipped).missing, 1);
});
