// A raw client and the provider: answers, refusals, and the end of a share.

import assert from "node:assert/strict";
import fc from "fast-check";
import { chunkCount, HASH_BYTES } from "../../../src/engine/bao/geometry.ts";
import { isPliError } from "../../../src/engine/errors.ts";
import { parseTicket, type Share } from "../../../src/engine/mod.ts";
import { splitHashes } from "../../../src/engine/wire/collection.ts";
import { HashSequence } from "../../../src/engine/wire/hash_sequence.ts";
import { PREVIEW_ALPN } from "../../../src/engine/wire/preview.ts";
import { EVERYTHING, LAST_CHUNK, NOTHING, RangeSpec } from "../../../src/engine/wire/range_spec.ts";
import { RangesSequence } from "../../../src/engine/wire/ranges_sequence.ts";
import { encodeReceipt, type Receipt, RECEIPT_ALPN } from "../../../src/engine/wire/receipt.ts";
import { encodeRequest } from "../../../src/engine/wire/request.ts";
import { patternBytes } from "../../vectors/mod.ts";
import { blockTree, encodeAll } from "../bao/encoding.ts";
import { settle } from "../../fakes/virtual_clock.ts";
import { inTime } from "./in_time.ts";
import { fetchAnswer, newKey, TransferFixture } from "./transfer_fixture.ts";
import { readSome } from "../../fakes/streams.ts";

const FILES = {
  "a.txt": "first",
  "empty": "",
  "group": patternBytes(16 * 1024 + 1),
  "large": patternBytes(3 * 1024 * 1024 + 5),
};

const get = (hash: Uint8Array, ...pairs: [number, RangeSpec][]) =>
  encodeRequest({ kind: "get", hash, ranges: RangesSequence.of(...pairs) });
const resetWith = (code: number) => (error: unknown) =>
  isPliError(error, "stream_reset") && error.parameters.streamCode === code;

async function withShare(
  use: (fixture: TransferFixture, share: Share, id: Uint8Array) => Promise<void>,
  options: Parameters<TransferFixture["share"]>[0] = {},
): Promise<void> {
  const fixture = new TransferFixture(FILES);
  const share = await fixture.share(options);
  await use(fixture, share, parseTicket(share.ticket).endpointId);
  const closing = share.close();
  await fixture.clock.pass(20_000);
  await closing;
}

/** The blobs of the share in the order of their offsets, read through the share itself. */
async function blobsOf(fixture: TransferFixture, share: Share, id: Uint8Array): Promise<Uint8Array[]> {
  const connection = await fixture.connect(id);
  const strip = async (hash: Uint8Array) =>
    (await fetchAnswer(connection, get(hash, [0, EVERYTHING], [1, NOTHING]))).subarray(8);
  const root = await strip(share.hash);
  const metadata = await strip(splitHashes(root).at(0));
  connection.close(0);
  return [
    root,
    metadata,
    ...Object.keys(FILES).sort().map((name) => {
      const content = FILES[name as keyof typeof FILES];
      return typeof content === "string" ? new TextEncoder().encode(content) : content;
    }),
  ];
}

Deno.test("any request for the root is answered blob by blob, like the encoder encodes each", async () => {
  await withShare(async (fixture, share, id) => {
    const blobs = await blobsOf(fixture, share, id);
    const connection = await fixture.connect(id);
    const border = fc.oneof(fc.nat(4), fc.nat(20), fc.nat(4000));
    const spec = fc.uniqueArray(border, { maxLength: 4 }).map((list) =>
      RangeSpec.of(...list.sort((a, b) => a - b))
    );
    const pairs = fc.uniqueArray(fc.tuple(fc.nat(7), fc.oneof(spec, fc.constant(LAST_CHUNK))), {
      maxLength: 4,
      selector: ([offset]) => offset,
    });
    await fc.assert(
      fc.asyncProperty(pairs, async (list) => {
        list.sort(([a], [b]) => a - b);
        const expected: Uint8Array[] = [];
        for (const run of RangesSequence.of(...list).runs(blobs.length)) {
          for (const data of blobs.slice(run.start, run.end)) {
            const selected = run.spec.select(chunkCount(data.length));
            expected.push(
              encodeAll(fixture.hasher, data, blockTree(fixture.hasher, data), selected).encoded,
            );
          }
        }
        const answer = await fetchAnswer(connection, get(share.hash, ...list));
        assert.ok(Buffer.concat(expected).equals(answer));
      }),
      { numRuns: 40 },
    );
  }, { keep: true });
});

Deno.test("GetMany answers for each hash, without a root before them", async () => {
  await withShare(async (fixture, share, id) => {
    const blobs = await blobsOf(fixture, share, id);
    const hashes = new HashSequence(blobs[0].subarray(HASH_BYTES, 4 * HASH_BYTES));
    const connection = await fixture.connect(id);
    await fetchAnswer(connection, get(share.hash));
    const answer = await fetchAnswer(
      connection,
      encodeRequest({ kind: "get_many", hashes, ranges: RangesSequence.of([0, EVERYTHING]) }),
    );
    const expected = blobs.slice(2, 5).map((data) => {
      const selected = EVERYTHING.select(chunkCount(data.length));
      return encodeAll(fixture.hasher, data, blockTree(fixture.hasher, data), selected).encoded;
    });
    assert.ok(Buffer.concat(expected).equals(answer));
    const unknown = encodeRequest({
      kind: "get_many",
      hashes: new HashSequence(new Uint8Array(HASH_BYTES)),
      ranges: RangesSequence.of([0, EVERYTHING]),
    });
    await assert.rejects(fetchAnswer(connection, unknown), resetWith(3));
  });
});

Deno.test("an unknown hash, children of a file, and random bytes are reset with 3", async () => {
  await withShare(async (fixture, share, id) => {
    const [root] = await blobsOf(fixture, share, id);
    const connection = await fixture.connect(id);
    const fileHash = splitHashes(root).at(1);
    const good = get(share.hash, [0, EVERYTHING], [1, NOTHING]);
    const refused = [
      get(new Uint8Array(32), [0, EVERYTHING]),
      get(fileHash, [0, EVERYTHING]),
      get(fileHash, [1, EVERYTHING]),
      get(fileHash, [5, EVERYTHING], [6, NOTHING]),
      Uint8Array.of(...good, 0),
      good.slice(0, 20),
      Uint8Array.of(2, 1, 2, 3),
      new Uint8Array(0),
      new Uint8Array(1024 * 1024 + 2),
    ];
    for (const request of refused) await assert.rejects(fetchAnswer(connection, request), resetWith(3));
    assert.ok((await fetchAnswer(connection, good)).length > 0, "the connection is still open");
  });
});

Deno.test("Observe and Push are reset with 1 at their first byte", async () => {
  await withShare(async (fixture, share, id) => {
    const connection = await fixture.connect(id);
    for (const kind of [1, 8]) {
      const { send, receive } = await connection.openBi();
      await send.write([Uint8Array.of(kind)]);
      await assert.rejects(readSome(receive, 1), resetWith(1));
      await assert.rejects(fetchAnswer(connection, Uint8Array.of(kind, ...share.hash)), resetWith(1));
    }
  });
});

Deno.test("an empty request has an empty answer", async () => {
  await withShare(async (fixture, share, id) => {
    assert.equal((await fetchAnswer(await fixture.connect(id), get(share.hash))).length, 0);
  });
});

async function preview(fixture: TransferFixture, id: Uint8Array): Promise<unknown> {
  const connection = await fixture.connect(id, newKey(), PREVIEW_ALPN);
  const answer = Buffer.from(await fetchAnswer(connection, Uint8Array.of(1)));
  connection.close(0);
  assert.equal(answer.readUInt32BE(0), answer.length - 4);
  return JSON.parse(answer.subarray(4).toString());
}

Deno.test("E.18 AltSendMe's preview contains count and size, and names with --preview-names", async () => {
  await withShare(async (fixture, share, id) => {
    const amount = { item_count: 4, size: share.bytes };
    assert.deepEqual(await preview(fixture, id), { file_name: "pli", ...amount });
  });
  await withShare(async (fixture, share, id) => {
    assert.deepEqual(await preview(fixture, id), {
      file_name: "src",
      item_count: 4,
      size: share.bytes,
      items: Object.entries(FILES).sort(([a], [b]) => a < b ? -1 : 1)
        .map(([name, content]) => ({ file_name: `src/${name}`, size: content.length })),
    });
  }, { previewNames: true });
});

Deno.test("a client that stops in the middle of its request is dropped after 30 seconds", async () => {
  await withShare(async (fixture, share, id) => {
    const connection = await fixture.connect(id);
    const { send, receive } = await connection.openBi();
    await send.write([get(share.hash, [0, EVERYTHING]).slice(0, 10)]);
    const dropped = assert.rejects(readSome(receive, 1), resetWith(3));
    await fixture.clock.pass(29_000);
    await fixture.clock.pass(2_000);
    await dropped;
  });
});

Deno.test("a client that reads no byte of its answer is dropped after 30 seconds", async () => {
  await withShare(async (fixture, share, id) => {
    const connection = await fixture.connect(id);
    const { send, receive } = await connection.openBi();
    await send.write([get(share.hash, [0, EVERYTHING])]);
    await send.finish();
    await fixture.clock.pass(36_000);
    await assert.rejects(async () => {
      while (await readSome(receive, 1 << 20) !== null);
    }, resetWith(3));
  });
});

Deno.test("a manifest request does not claim a share; the first receiver of data excludes others, also from manifests", async () => {
  await withShare(async (fixture, share, id) => {
    const [first, second] = [await fixture.connect(id), await fixture.connect(id)];
    const look = get(share.hash, [0, EVERYTHING], [2, LAST_CHUNK]);
    await fetchAnswer(first, look);
    await fetchAnswer(second, look);
    await fetchAnswer(second, get(share.hash, [0, EVERYTHING]));
    await assert.rejects(fetchAnswer(first, get(share.hash, [0, EVERYTHING])), resetWith(3));
    await assert.rejects(fetchAnswer(first, look), resetWith(3));
    await assert.rejects(preview(fixture, id), resetWith(3));
    second.close(0);
    await fixture.clock.pass(11_000);
    await fetchAnswer(first, look);
    await preview(fixture, id);
    await fetchAnswer(first, get(share.hash, [2, EVERYTHING]));
  });
});

Deno.test("a share is sent to a peer without receipts after every chunk and a minute without requests", async () => {
  await withShare(async (fixture, share, id) => {
    let end: string | undefined;
    share.ended.then((value) => end = value);
    const connection = await fixture.connect(id);
    await fetchAnswer(connection, get(share.hash, [2, EVERYTHING], [5, RangeSpec.of(0, 1024)], [6, NOTHING]));
    await fixture.clock.pass(120_000);
    assert.equal(end, undefined, "most of the last file is not sent");
    await fetchAnswer(connection, get(share.hash, [5, RangeSpec.of(1024)], [6, NOTHING]));
    await fixture.clock.pass(59_000);
    assert.equal(end, undefined);
    await fetchAnswer(connection, get(share.hash, [2, EVERYTHING], [3, NOTHING]));
    await fixture.clock.pass(59_000);
    assert.equal(end, undefined, "there was another request");
    await fixture.clock.pass(2_000);
    assert.equal(end, "sent");
    assert.ok(fixture.senderEvents.some((event) => event.type === "sent"));
    await assert.rejects(fetchAnswer(connection, get(share.hash, [0, EVERYTHING])), resetWith(3));
    connection.close(0);
  });
});

Deno.test("an answer that was stopped before its end does not count", async () => {
  await withShare(async (fixture, share, id) => {
    let end: string | undefined;
    share.ended.then((value) => end = value);
    const connection = await fixture.connect(id);
    const { send, receive } = await connection.openBi();
    await send.write([get(share.hash, [0, EVERYTHING])]);
    await send.finish();
    await readSome(receive, 1000);
    receive.stop(0);
    await fixture.clock.pass(120_000);
    assert.equal(end, undefined);
    connection.close(0);
  });
});

async function sendReceipt(
  fixture: TransferFixture,
  id: Uint8Array,
  key: Uint8Array,
  receipt: Receipt,
): Promise<number> {
  const connection = await fixture.connect(id, key, RECEIPT_ALPN);
  const [answer] = await fetchAnswer(connection, encodeReceipt(receipt));
  connection.close(0);
  return answer;
}

Deno.test("a receipt ends the share at once, unless it is of another share or from another endpoint", async () => {
  await withShare(async (fixture, share, id) => {
    let end: string | undefined;
    share.ended.then((value) => end = value);
    const key = newKey();
    const connection = await fixture.connect(id, key);
    await fetchAnswer(connection, get(share.hash, [0, EVERYTHING]));
    const all: Receipt = { rootHash: share.hash, outcome: "everything", verified: [] };
    assert.equal(await sendReceipt(fixture, id, key, { ...all, rootHash: new Uint8Array(32) }), 1);
    assert.equal(await sendReceipt(fixture, id, newKey(), all), 1);
    assert.equal(await sendReceipt(fixture, id, key, { ...all, outcome: "unfinished" }), 0);
    await settle();
    assert.equal(end, undefined);
    assert.equal(await sendReceipt(fixture, id, key, all), 0);
    await settle();
    assert.equal(end, "delivered");
    const delivered = fixture.senderEvents.find((event) => event.type === "delivered");
    assert.deepEqual(delivered, { type: "delivered", id: key.toHex(), bytes: share.bytes, files: 4 });
    connection.close(0);
  });
});

Deno.test("wrong bytes of a changed file are never sent: the stream is reset and the file named", async () => {
  await withShare(async (fixture, share, id) => {
    const changed = FILES.large.slice();
    changed[2_000_000] ^= 1;
    fixture.senderDisk.writeFile("/src/large", changed);
    const connection = await fixture.connect(id);
    await assert.rejects(fetchAnswer(connection, get(share.hash, [0, EVERYTHING])), resetWith(3));
    assert.deepEqual(fixture.senderEvents.at(-1), { type: "source_changed", name: "src/large" });
  });
});

Deno.test("tickets contain addresses depending on their kind and the relay", async () => {
  const addressesOf = async (options: Parameters<TransferFixture["share"]>[0]) => {
    const fixture = new TransferFixture(FILES);
    const share = await fixture.share(options);
    const { addresses, relayUrl } = parseTicket(share.ticket);
    await share.close();
    return { addresses: addresses.map((text) => text.split(":")[0]), relayUrl };
  };
  const relay = { url: "https://relay.example.org/" };
  const all = ["127.0.0.1", "192.168.1.2", "203.0.113.9"];
  assert.deepEqual(await addressesOf({ relay }), { addresses: [], relayUrl: relay.url });
  assert.deepEqual(await addressesOf({ relay, ticketKind: "id" }), { addresses: [], relayUrl: null });
  assert.deepEqual(await addressesOf({ relay, ticketKind: "addresses" }), { addresses: all, relayUrl: null });
  assert.deepEqual(await addressesOf({ relay, ticketKind: "all" }), { addresses: all, relayUrl: relay.url });
  assert.deepEqual(await addressesOf({ relay: "disabled" }), { addresses: all, relayUrl: null });
  assert.deepEqual(await addressesOf({ relay, ticketKind: "relay" }), { addresses: [], relayUrl: relay.url });
  // In this network no public relay is reached: only an address of this computer reaches the share.
  assert.deepEqual(await addressesOf({ relay: "default" }), { addresses: all, relayUrl: null });
  // Without relays no address is published: an id alone is unreachable.
  assert.deepEqual(await addressesOf({ relay: "disabled", ticketKind: "id" }), {
    addresses: all,
    relayUrl: null,
  });
});

Deno.test("a receipt counts although its answer can no longer be delivered", async () => {
  await withShare(async (fixture, share, id) => {
    const key = newKey();
    await fetchAnswer(await fixture.connect(id, key), get(share.hash, [2, EVERYTHING], [3, NOTHING]));
    const { send, receive } = await (await fixture.connect(id, key, RECEIPT_ALPN)).openBi();
    receive.stop(0);
    await send.write([
      encodeReceipt({ rootHash: share.hash, outcome: "selection", verified: [{ child: 1, bytes: 5 }] }),
    ]);
    await send.finish();
    assert.equal(await share.ended, "delivered");
    assert.ok(fixture.senderEvents.some((event) => event.type === "delivered" && event.files === 1));
  });
});

Deno.test("a receipt about children that the share does not have is reset, and ends nothing", async () => {
  await withShare(async (fixture, share, id) => {
    const impossible: Receipt["verified"][] = [
      [{ child: 5, bytes: 1 }],
      [{ child: 1, bytes: 6 }],
      [{ child: 2, bytes: 0 }, { child: 1, bytes: 5 }],
      [{ child: 1, bytes: 5 }, { child: 1, bytes: 5 }],
      Array(100).fill({ child: 1, bytes: 1 }),
    ];
    for (const verified of impossible) {
      await assert.rejects(
        sendReceipt(fixture, id, newKey(), { rootHash: share.hash, outcome: "selection", verified }),
        resetWith(3),
      );
    }
    assert.ok(!fixture.senderEvents.some((event) => event.type === "delivered"));
  });
});

Deno.test("E.12 a refusal is reported once, with the reason: the share has ended", async () => {
  const fixture = new TransferFixture(FILES);
  const share = await fixture.share();
  await inTime(fixture, fixture.fetch(share.ticket));
  const secretKey = newKey();
  for (let attempt = 0; attempt < 3; attempt++) {
    await assert.rejects(inTime(fixture, fixture.fetch(share.ticket, { secretKey })));
  }
  const refusals = fixture.senderEvents.filter((event) => event.type === "refused");
  const connected = fixture.senderEvents.findLast((event) =>
    event.type === "receiver" && event.state === "connected"
  );
  assert.ok(connected?.type === "receiver");
  assert.deepEqual(refusals, [{ type: "refused", id: connected.id, reason: "ended", holder: null }]);
  await inTime(fixture, share.close());
});

Deno.test("E.12 a refusal is reported with the holder, and of many only the first twenty", async () => {
  const fixture = new TransferFixture(FILES);
  const share = await fixture.share();
  const holder = await fixture.connect(parseTicket(share.ticket).endpointId);
  const ranges = RangesSequence.of([0, EVERYTHING]);
  await fetchAnswer(holder, encodeRequest({ kind: "get", hash: share.hash, ranges }));
  const claimed = fixture.senderEvents.find((event) => event.type === "claimed");
  assert.ok(claimed?.type === "claimed");
  await assert.rejects(inTime(fixture, fixture.fetch(share.ticket)));
  const refusals = () => fixture.senderEvents.filter((event) => event.type === "refused");
  const [first] = refusals();
  assert.ok(first.type === "refused" && first.id !== claimed.id);
  assert.deepEqual([first.reason, first.holder], ["held", claimed.id]);
  for (let number = 0; number < 30; number++) {
    await assert.rejects(inTime(fixture, fixture.fetch(share.ticket)));
  }
  assert.equal(refusals().length, 20);
  holder.close(0);
  await inTime(fixture, share.close());
});
