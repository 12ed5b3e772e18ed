// Unknown peers with the endpoint id of a share, like a relay, which try to read its names without the ticket.

import assert from "node:assert/strict";
import { isPliError, parseTicket } from "../../src/engine/mod.ts";
import { wasmHasher } from "../../src/engine/blake3/wasm_hasher.ts";
import { encodeNames } from "../../src/engine/wire/collection.ts";
import { HashSequence } from "../../src/engine/wire/hash_sequence.ts";
import { PREVIEW_ALPN } from "../../src/engine/wire/preview.ts";
import { EVERYTHING, LAST_CHUNK, NOTHING } from "../../src/engine/wire/range_spec.ts";
import { RangesSequence } from "../../src/engine/wire/ranges_sequence.ts";
import { encodeReceipt, RECEIPT_ALPN } from "../../src/engine/wire/receipt.ts";
import { encodeRequest } from "../../src/engine/wire/request.ts";
import { fetchAnswer, newKey, TransferFixture } from "../engine/transfer/transfer_fixture.ts";
import { noise } from "../product/trees.ts";
import { report } from "../report.ts";
import { get } from "./raw.ts";

const CONTENT = "content that another peer has too";
const NAMES = ["src/dismissals 2027.ods", "src/known.txt"];
const FILES = { "dismissals 2027.ods": noise(5_000), "known.txt": CONTENT };

const hasher = wasmHasher();
const hashOf = (bytes: Uint8Array) => hasher.leaf(bytes, 0, true);

/** Whether bytes contain a part of a name. */
function containsName(bytes: Uint8Array): boolean {
  const text = new TextDecoder().decode(bytes);
  return ["dismissals", "known", "src"].some((part) => text.includes(part));
}

Deno.test("E.18 without the ticket no answer of any protocol contains a name", async () => {
  const fixture = new TransferFixture(FILES);
  const share = await fixture.share();
  const { endpointId } = parseTicket(share.ticket);
  const known = hashOf(new TextEncoder().encode(CONTENT));
  // The metadata consists of the names alone, so an answer would confirm guesses.
  const metadata = hashOf(encodeNames(NAMES));
  const all = RangesSequence.of([0, EVERYTHING]);
  const questions: [alpn: string | undefined, request: Uint8Array][] = [
    [undefined, get(known, [0, EVERYTHING], [1, NOTHING])],
    [undefined, get(known, [0, LAST_CHUNK], [1, NOTHING])],
    [undefined, get(metadata, [0, EVERYTHING], [1, NOTHING])],
    [undefined, encodeRequest({ kind: "get_many", hashes: new HashSequence(known), ranges: all })],
    [undefined, encodeRequest({ kind: "get_many", hashes: new HashSequence(metadata), ranges: all })],
    [undefined, get(new Uint8Array(32), [0, EVERYTHING])],
    [RECEIPT_ALPN, encodeReceipt({ rootHash: new Uint8Array(32), outcome: "everything", verified: [] })],
    [PREVIEW_ALPN, Uint8Array.of(1)],
    [PREVIEW_ALPN, Uint8Array.of(2)],
  ];
  let refused = 0;
  for (const [alpn, request] of questions) {
    const connection = await fixture.connect(endpointId, newKey(), alpn);
    const answer = await fetchAnswer(connection, request).catch((error) => {
      assert.ok(isPliError(error, "stream_reset") && error.parameters.streamCode === 3);
      refused++;
      return new Uint8Array(0);
    });
    assert.ok(!containsName(answer));
    assert.ok(answer.length <= 128, `${answer.length} bytes without a ticket`);
    connection.close(0);
  }
  assert.equal(refused, 7, "known and unknown hashes have equal answers");
  assert.ok(!fixture.senderEvents.some(({ type }) => type === "claimed"), "nothing was claimed");
  await share.close();
  report(`E.18: ${questions.length} questions without a ticket, ${refused} refused, 0 names`);
});

Deno.test("E.18 with the ticket every hash of the share is answered, after the ticket's own", async () => {
  const fixture = new TransferFixture(FILES);
  const share = await fixture.share();
  const connection = await fixture.connect(parseTicket(share.ticket).endpointId);
  const metadata = get(hashOf(encodeNames(NAMES)), [0, EVERYTHING], [1, NOTHING]);
  await assert.rejects(fetchAnswer(connection, metadata));
  await fetchAnswer(connection, get(share.hash, [0, LAST_CHUNK], [1, NOTHING]));
  assert.ok(containsName(await fetchAnswer(connection, metadata)));
  connection.close(0);
  await share.close();
});
