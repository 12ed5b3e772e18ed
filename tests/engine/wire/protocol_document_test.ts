// The examples of docs/protocol.md: the bytes of each are those of the vectors, or of pli's own encoder.

import { base32nopad } from "@scure/base";
import assert from "node:assert/strict";
import { RangeSet } from "../../../src/engine/bao/range_set.ts";
import { hexOf } from "../../../src/engine/hex.ts";
import { encodePreview } from "../../../src/engine/wire/preview.ts";
import { EVERYTHING, LAST_CHUNK, NOTHING, RangeSpec } from "../../../src/engine/wire/range_spec.ts";
import { RangesSequence } from "../../../src/engine/wire/ranges_sequence.ts";
import { encodeReceipt } from "../../../src/engine/wire/receipt.ts";
import { decodeRequest, encodeRequest } from "../../../src/engine/wire/request.ts";
import { bao, collections, requests, tickets } from "../../vectors/mod.ts";

const DOCUMENT = await Deno.readTextFile(new URL("../../../docs/protocol.md", import.meta.url));

/** The bytes of the examples, in hex, by the words after `text`. Before two spaces is hex, after them its meaning. */
const examples = new Map(
  [...DOCUMENT.matchAll(/^```text (\w+)\n([^]*?)^```$/gm)].map(([, name, lines]) => {
    const hex = lines.trimEnd().split("\n").map((line) => {
      assert.match(line, /^[0-9a-f]{2}[0-9a-f ]*  +\S/);
      return line.split("  ")[0].replaceAll(" ", "");
    });
    return [name, hex.join("")] as const;
  }),
);

const bytesOf = (hex: string) => Uint8Array.from(hex.match(/../g)!, (byte) => parseInt(byte, 16));
const [, { meta, root }] = collections;
const [{ bytes: rootRequest }] = requests;
const [, { ticket }] = tickets;

Deno.test("docs/protocol.md: the bytes of each example are those on the wire", () => {
  const { ranges: _, ...request } = decodeRequest(bytesOf(rootRequest)) as {
    kind: "get";
    hash: Uint8Array;
    ranges: RangesSequence;
  };
  const sizes = RangesSequence.of([0, EVERYTHING], [2, LAST_CHUNK]);
  const expected = {
    ticket: hexOf(base32nopad.decode(ticket.slice(4).toUpperCase())),
    metadata: meta,
    request: rootRequest,
    sizes: hexOf(encodeRequest({ ...request, ranges: sizes })),
    response: bao.find(({ size, ranges }) => size === 1 && ranges[0][1] === null)!.encoded!,
    receipt: hexOf(encodeReceipt({ rootHash: bytesOf(root), outcome: "everything", verified: [] })),
    preview: hexOf(encodePreview({ title: "pli", files: 3, sizeBytes: 1000 })),
  };
  assert.deepEqual(Object.fromEntries(examples), expected);
  assert.ok(DOCUMENT.includes(`\`${ticket}\``));
});

Deno.test("docs/protocol.md: the range specs of the table select what it says, and the size of a response is right", () => {
  const chunks = 20;
  const cases: [number | bigint, RangeSpec, number[]][] = [
    [0, NOTHING, []],
    [1, EVERYTHING, [0, chunks]],
    [1, RangeSpec.of(15), [15, chunks]],
    [4, RangeSpec.of(2, 7, 10, 11), [2, 7, 10, 11]],
    [1, LAST_CHUNK, [chunks - 1, chunks]],
  ];
  const rows = [...DOCUMENT.matchAll(/^\| (none|2\^64 - 1|\d[\d, ]*?) +\| /gm)].map(([, widths]) => widths);
  assert.deepEqual(rows, ["none", "0", "15", "2, 5, 3, 1", "2^64 - 1"]);
  for (const [widths, spec, boundaries] of cases) {
    assert.equal(spec.boundaryCount, widths);
    assert.deepEqual(spec.select(chunks), RangeSet.ofBoundaries(boundaries));
  }
  const first = bao.find(({ size, ranges }) =>
    size === 65_536 && ranges.length === 1 && ranges[0].join() === "0,1"
  );
  assert.equal(first?.encoded_len, 1_416);
  assert.ok(DOCUMENT.includes("= 1,416 bytes"));
});
