// Negotiation of the receipt's version: both sides use the newest one that both support, whichever of them is newer.

import assert from "node:assert/strict";
import type { ShareEnd } from "../../../src/engine/mod.ts";
import type { BindEndpoint } from "../../../src/engine/ports.ts";
import { EVERYTHING } from "../../../src/engine/wire/range_spec.ts";
import { RangesSequence } from "../../../src/engine/wire/ranges_sequence.ts";
import {
  encodeReceipt,
  type Receipt,
  RECEIPT_1_ALPN,
  RECEIPT_ALPN,
  RECEIPT_ALPNS,
} from "../../../src/engine/wire/receipt.ts";
import { encodeRequest } from "../../../src/engine/wire/request.ts";
import { parseTicket } from "../../../src/engine/wire/ticket.ts";
import { MemoryDisk } from "../../fakes/memory_disk.ts";
import { inTime } from "./in_time.ts";
import { fetchAnswer, newKey, TransferFixture } from "./transfer_fixture.ts";

const FILES = { "a.txt": "first", "b.txt": "second" };

/** Binds endpoints with some versions, and records for which one connections are requested and made. */
class Versions {
  readonly requested: string[] = [];
  readonly agreed: string[] = [];

  constructor(readonly fixture: TransferFixture, readonly spoken: readonly string[]) {}

  readonly bind: BindEndpoint = async (options) => {
    const accept = new Map([...options.accept].filter(([alpn]) => this.#isSpoken(alpn)));
    const endpoint = await this.fixture.network.bind({ ...options, accept });
    const connect = endpoint.connect.bind(endpoint);
    endpoint.connect = async (to, alpn, signal) => {
      if (!isReceipt(alpn)) return await connect(to, alpn, signal);
      this.requested.push(alpn);
      if (!this.#isSpoken(alpn)) throw new Error("this version does not ask for it");
      const connection = await connect(to, alpn, signal);
      this.agreed.push(alpn);
      return connection;
    };
    return endpoint;
  };

  #isSpoken(alpn: string): boolean {
    return !isReceipt(alpn) || this.spoken.includes(alpn);
  }
}

function isReceipt(alpn: string): boolean {
  return alpn.startsWith("pli/receipt/");
}

/** A whole share and its download, each side with some versions; a file is lost if requested. */
async function meet(
  sending: readonly string[],
  receiving: readonly string[],
  { isLossy }: { isLossy: boolean } = { isLossy: false },
) {
  const fixture = new TransferFixture(FILES);
  const [near, far] = [new Versions(fixture, receiving), new Versions(fixture, sending)];
  const share = await fixture.engine(fixture.senderDisk, fixture.clock, far.bind).share({
    paths: ["/src"],
    secretKey: newKey(),
    relay: "disabled",
    ticketKind: "auto",
    keep: false,
    onEvent: (event) => fixture.senderEvents.push(event),
  });
  const disk = new MemoryDisk();
  disk.makeFolders("/dst");
  const fetching = fixture.engine(disk, fixture.clock, near.bind).fetch({
    ticket: parseTicket(share.ticket),
    secretKey: newKey(),
    relay: "disabled",
    destination: { kind: "folder", folder: "/dst", existing: "merge" },
    decide: () => {
      if (isLossy) void fixture.senderDisk.remove("/src/b.txt");
      return Promise.resolve(true);
    },
    waitLimits: { firstMs: 0, laterMs: 0 },
    onEvent: () => {},
  });
  const fetched = await inTime(fixture, fetching);
  const end = await inTime(fixture, share.ended);
  await inTime(fixture, share.close());
  return { fetched, end, near };
}

for (
  const [what, sending, receiving, requested, agreed] of [
    ["two of this version", RECEIPT_ALPNS, RECEIPT_ALPNS, [RECEIPT_ALPN], [RECEIPT_ALPN]],
    ["an older sender", [RECEIPT_1_ALPN], RECEIPT_ALPNS, [RECEIPT_ALPN, RECEIPT_1_ALPN], [RECEIPT_1_ALPN]],
    ["an older receiver", RECEIPT_ALPNS, [RECEIPT_1_ALPN], [RECEIPT_ALPN, RECEIPT_1_ALPN], [RECEIPT_1_ALPN]],
    ["a newer sender", ["pli/receipt/3", ...RECEIPT_ALPNS], RECEIPT_ALPNS, [RECEIPT_ALPN], [RECEIPT_ALPN]],
  ] as const
) {
  for (const isLossy of [false, true]) {
    const outcome = isLossy ? "a file that is lost is named to the sender" : "the share is delivered";
    Deno.test(`F.7 ${what}: both agree, and ${outcome}`, async () => {
      const { fetched, end, near } = await meet(sending, receiving, { isLossy });
      assert.deepEqual(near.requested, requested);
      assert.deepEqual(near.agreed, agreed);
      assert.deepEqual(fetched.lost.map(({ name }) => name), isLossy ? ["src/b.txt"] : []);
      assert.equal(end, isLossy ? "partial" : "delivered");
    });
  }
}

Deno.test("F.7 a sender without receipts gets one request for each version, and all files arrive", async () => {
  const fixture = new TransferFixture(FILES);
  const near = new Versions(fixture, RECEIPT_ALPNS);
  const far = new Versions(fixture, []);
  const share = await fixture.engine(fixture.senderDisk, fixture.clock, far.bind).share({
    paths: ["/src"],
    secretKey: newKey(),
    relay: "disabled",
    ticketKind: "auto",
    keep: true,
    onEvent: () => {},
  });
  const fetching = fixture.engine(fixture.receiverDisk, fixture.clock, near.bind).fetch({
    ticket: parseTicket(share.ticket),
    secretKey: newKey(),
    relay: "disabled",
    destination: { kind: "folder", folder: "/dst", existing: "merge" },
    decide: () => Promise.resolve(true),
    onEvent: () => {},
  });
  assert.equal((await inTime(fixture, fetching)).files, 2);
  assert.deepEqual(near.requested, RECEIPT_ALPNS);
  assert.deepEqual(near.agreed, []);
  await inTime(fixture, share.close());
});

Deno.test("F.7 a receipt in the bytes of the other version is refused", async () => {
  const fixture = new TransferFixture(FILES);
  const share = await fixture.share({ keep: true });
  const { endpointId } = parseTicket(share.ticket);
  const all: Receipt = { rootHash: share.hash, outcome: "everything", verified: [] };
  for (const [spoken, written] of [[RECEIPT_ALPN, RECEIPT_1_ALPN], [RECEIPT_1_ALPN, RECEIPT_ALPN]] as const) {
    const connection = await fixture.connect(endpointId, newKey(), spoken);
    // The bytes at the position of the root hash differ.
    const answer = await fetchAnswer(connection, encodeReceipt(all, written)).catch(() => null);
    assert.ok(answer === null || answer[0] === 1);
    connection.close(0);
  }
  await share.close();
});

for (
  const [alpn, awayMs] of [[RECEIPT_1_ALPN, 60_000], [RECEIPT_ALPN, 10 * 60_000]] as const
) {
  const time = `${awayMs / 60_000} min`;
  Deno.test(`F.7 a receiver of ${alpn} that disconnects after a loss is awaited for ${time}`, async () => {
    const fixture = new TransferFixture(FILES);
    const share = await fixture.share();
    let end: ShareEnd | undefined;
    share.ended.then((how) => end = how);
    const { endpointId } = parseTicket(share.ticket);
    const key = newKey();
    const receipts = await fixture.connect(endpointId, key, alpn);
    const blobs = await fixture.connect(endpointId, key);
    await fixture.senderDisk.remove("/src/b.txt");
    const ranges = RangesSequence.of([0, EVERYTHING]);
    await assert.rejects(fetchAnswer(blobs, encodeRequest({ kind: "get", hash: share.hash, ranges })));
    blobs.close(0);
    receipts.close(0);
    await fixture.clock.pass(awayMs - 1_000);
    assert.equal(end, undefined);
    await fixture.clock.pass(2_000);
    assert.equal(end, "spoiled");
    await inTime(fixture, share.close());
  });
}
