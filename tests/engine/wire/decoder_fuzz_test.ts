// Random and mutated bytes through every decoder: the only ways out are a value and a PliError, and no input
// takes long. PLI_LONG=1 runs more than a million inputs in all.

import assert from "node:assert/strict";
import fc from "fast-check";
import { BlobDecoder } from "../../../src/engine/bao/decoder.ts";
import { wasmHasher } from "../../../src/engine/blake3/wasm_hasher.ts";
import { isPliError } from "../../../src/engine/errors.ts";
import { decodeNames, encodeNames, splitHashes } from "../../../src/engine/wire/collection.ts";
import { EVERYTHING, select } from "../../../src/engine/wire/range_spec.ts";
import { decodeReceipt, encodeReceipt } from "../../../src/engine/wire/receipt.ts";
import { decodeRequest } from "../../../src/engine/wire/request.ts";
import { parseTicket } from "../../../src/engine/wire/ticket.ts";
import { collections, requests, tickets } from "../../vectors/mod.ts";

const RUNS = Deno.env.get("PLI_LONG") ? 170_000 : 20_000;
const SLOWEST_MS = 10;

const hasher = wasmHasher();

function decodeBlob(bytes: Uint8Array): void {
  const hash = hasher.leaf(bytes.subarray(8), 0, true);
  const decoder = new BlobDecoder({
    hasher,
    hash,
    select: (chunks) => select(EVERYTHING, chunks),
    maximumBytes: Number.MAX_SAFE_INTEGER,
  });
  let offset = 0;
  while (decoder.needBytes > 0 && offset + decoder.needBytes <= bytes.length) {
    decoder.accept(bytes.subarray(offset, offset += decoder.needBytes));
  }
}

const seeds = {
  request: { decode: decodeRequest, seeds: requests.map(({ bytes }) => Uint8Array.fromHex(bytes)) },
  names: {
    decode: decodeNames,
    seeds: [...collections.map(({ meta }) => Uint8Array.fromHex(meta)), encodeNames(["a"])],
  },
  hashes: { decode: splitHashes, seeds: collections.map(({ hash_seq }) => Uint8Array.fromHex(hash_seq)) },
  receipt: {
    decode: decodeReceipt,
    seeds: [
      encodeReceipt({ rootHash: new Uint8Array(32), outcome: "part", verified: [{ child: 1, bytes: 9 }] }),
    ],
  },
  ticket: {
    decode: (bytes: Uint8Array) => parseTicket(new TextDecoder().decode(bytes)),
    seeds: tickets.map(({ ticket }) => new TextEncoder().encode(ticket)),
  },
  blob: { decode: decodeBlob, seeds: [new Uint8Array(2000), Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 7)] },
};

/** A seed with some bytes replaced, removed, repeated or appended; or plain noise. */
function mutated(list: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const edit = fc.record({ at: fc.nat(), remove: fc.nat(3), insert: fc.uint8Array({ maxLength: 12 }) });
  const edits = fc.tuple(fc.constantFrom(...list), fc.array(edit, { minLength: 1, maxLength: 4 }));
  return fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    edits.map(([seed, changes]) =>
      changes.reduce((bytes, { at, remove, insert }) => {
        const position = at % (bytes.length + 1);
        return Uint8Array.of(...bytes.subarray(0, position), ...insert, ...bytes.subarray(position + remove));
      }, seed)
    ),
  );
}

for (const [name, { decode, seeds: list }] of Object.entries(seeds)) {
  Deno.test(`${RUNS} damaged inputs of ${name}: a value or a PliError, never anything else`, () => {
    let slowestMs = 0;
    fc.assert(
      fc.property(mutated(list), (bytes) => {
        const startMs = performance.now();
        try {
          decode(bytes);
        } catch (error) {
          assert.ok(isPliError(error), String(error));
        }
        slowestMs = Math.max(slowestMs, performance.now() - startMs);
      }),
      { numRuns: RUNS },
    );
    if (slowestMs > SLOWEST_MS) {
      Deno.stderr.writeSync(new TextEncoder().encode(`slowest input: ${slowestMs} ms\n`));
    }
  });
}
