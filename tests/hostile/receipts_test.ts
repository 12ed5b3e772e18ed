// Receivers with false receipts: without a received byte, for more than was received, and the same receipt repeatedly.

import assert from "node:assert/strict";
import { parseTicket, type Share } from "../../src/engine/mod.ts";
import type { Connection } from "../../src/engine/ports.ts";
import { NOTHING, RangeSpec } from "../../src/engine/wire/range_spec.ts";
import { encodeReceipt, type Receipt, RECEIPT_ALPN, ReceiptAnswer } from "../../src/engine/wire/receipt.ts";
import { fetchAnswer, newKey, TransferFixture } from "../engine/transfer/transfer_fixture.ts";
import { settle } from "../fakes/virtual_clock.ts";
import { noise } from "../product/trees.ts";
import { report } from "../report.ts";
import { get } from "./raw.ts";

const FILES = { "a": noise(300_000), "empty": "" };

async function sendReceipt(connection: Connection, receipt: Receipt): Promise<number> {
  return (await fetchAnswer(connection, encodeReceipt(receipt)))[0];
}

function deliveries(fixture: TransferFixture) {
  return fixture.senderEvents.filter((event) => event.type === "delivered");
}

/** A receiver with one key: a connection for requests, and one for receipts. */
async function receiver(fixture: TransferFixture, share: Share) {
  const { endpointId } = parseTicket(share.ticket);
  const key = newKey();
  return {
    blobs: await fixture.connect(endpointId, key),
    receipts: await fixture.connect(endpointId, key, RECEIPT_ALPN),
  };
}

Deno.test("E.24 a receipt of a peer that received no byte ends nothing, and is not reported", async () => {
  const fixture = new TransferFixture(FILES);
  const share = await fixture.share();
  let end: string | undefined;
  share.ended.then((value) => end = value);
  const { blobs, receipts } = await receiver(fixture, share);
  const forged: Receipt[] = [
    { rootHash: share.hash, outcome: "everything", verified: [] },
    { rootHash: share.hash, outcome: "selection", verified: [] },
    { rootHash: share.hash, outcome: "selection", verified: [{ child: 1, bytes: 300_000 }] },
    { rootHash: share.hash, outcome: "selection", verified: [{ child: 2, bytes: 0 }] },
  ];
  for (const receipt of forged) {
    assert.equal(await sendReceipt(receipts, receipt), ReceiptAnswer.NOT_THIS_SHARE);
  }
  await settle();
  assert.equal(end, undefined);
  assert.deepEqual(deliveries(fixture), []);
  blobs.close(0);
  receipts.close(0);
  assert.equal((await fixture.fetch(share.ticket)).bytes, 300_000);
  assert.equal(await share.ended, "delivered");
  await share.close();
});

Deno.test("E.24 a peer that received one chunk and reports all is counted for the chunk", async () => {
  const fixture = new TransferFixture(FILES);
  const share = await fixture.share({ keep: true });
  const { blobs, receipts } = await receiver(fixture, share);
  await fetchAnswer(blobs, get(share.hash, [2, RangeSpec.of(0, 1)], [3, NOTHING]));
  const all: Receipt = { rootHash: share.hash, outcome: "everything", verified: [] };
  assert.equal(await sendReceipt(receipts, all), ReceiptAnswer.NOTED);
  const [delivered, ...others] = deliveries(fixture);
  assert.ok(delivered.type === "delivered");
  assert.ok(delivered.bytes <= 16 * 1024, `${delivered.bytes} bytes`);
  assert.deepEqual(others, []);
  blobs.close(0);
  receipts.close(0);
  await share.close();
});

Deno.test("E.24 a receipt that is sent 2,000 times is reported once, and again after another complete download", async () => {
  const fixture = new TransferFixture(FILES);
  const share = await fixture.share({ keep: true });
  const { blobs, receipts } = await receiver(fixture, share);
  const all: Receipt = { rootHash: share.hash, outcome: "everything", verified: [] };
  const whole = get(share.hash, [2, RangeSpec.of(0)], [3, NOTHING]);
  await fetchAnswer(blobs, whole);
  for (let i = 0; i < 2_000; i++) {
    assert.equal(await sendReceipt(receipts, all), ReceiptAnswer.NOTED);
    // An occasional chunk is no new delivery.
    if (i % 100 === 0) await fetchAnswer(blobs, get(share.hash, [2, RangeSpec.of(0, 1)], [3, NOTHING]));
  }
  assert.equal(deliveries(fixture).length, 1);
  await fetchAnswer(blobs, whole);
  await sendReceipt(receipts, all);
  assert.equal(deliveries(fixture).length, 2);
  blobs.close(0);
  receipts.close(0);
  await share.close();
  report("E.24: 2,000 repetitions of a receipt, announced once");
});
