import assert from "node:assert/strict";
import { wasmHasher } from "../../../src/engine/blake3/wasm_hasher.ts";
import { decodeNames, encodeNames, joinHashes, splitHashes } from "../../../src/engine/wire/collection.ts";
import { boundariesOfOffsets } from "./ranges.ts";
import { isPliError } from "../../../src/engine/errors.ts";
import { decodeRequest, encodeRequest, isForbiddenKind } from "../../../src/engine/wire/request.ts";
import { formatTicket, parseTicket } from "../../../src/engine/wire/ticket.ts";
import { boundariesOf, collections, malformedTickets, requests, tickets } from "../../vectors/mod.ts";

Deno.test("every request vector is read with its meaning, and written to the same bytes", () => {
  for (const { bytes, kind, value } of requests) {
    const wire = Uint8Array.fromHex(bytes);
    if (kind === "observe") {
      assert.ok(isForbiddenKind(wire[0]));
      continue;
    }
    const request = decodeRequest(wire);
    assert.equal(request.kind, kind);
    if (request.kind === "get") assert.equal(request.hash.toHex(), value.hash);
    else assert.deepEqual([...request.hashes].map((hash) => hash.toHex()), value.hashes);
    const listed = (value.ranges ?? []).map(boundariesOf);
    assert.deepEqual(boundariesOfOffsets(request.ranges, listed.length), listed);
    const afterwards = boundariesOfOffsets(request.ranges, listed.length + 3).slice(listed.length);
    const repeated = value.last_repeats ? listed.at(-1) : [];
    for (const spec of afterwards) assert.deepEqual(spec, repeated);
    assert.equal(encodeRequest(request).toHex(), bytes);
  }
});

Deno.test("every collection vector is read and written, with the hash of the root", () => {
  const hasher = wasmHasher();
  for (const { hash_seq, items, meta, root } of collections) {
    const names = items.map(([name]) => name);
    assert.deepEqual([...decodeNames(Uint8Array.fromHex(meta))], names);
    assert.equal(encodeNames(names).toHex(), meta);
    const [metadata, ...files] = splitHashes(Uint8Array.fromHex(hash_seq));
    assert.equal(metadata.toHex(), hasher.leaf(Uint8Array.fromHex(meta), 0, true).toHex());
    assert.deepEqual(files.map((hash) => hash.toHex()), items.map(([, hash]) => hash));
    const joined = joinHashes([metadata, ...files]);
    assert.equal(joined.toHex(), hash_seq);
    assert.equal(hasher.leaf(joined, 0, true).toHex(), root);
  }
});

Deno.test("every ticket vector is read, and printed to the same text", () => {
  for (const vector of tickets) {
    const ticket = parseTicket(vector.ticket);
    assert.equal(ticket.endpointId.toHex(), vector.endpoint_id);
    assert.equal(ticket.relayUrl, vector.relay_url);
    assert.deepEqual(new Set(ticket.addresses), new Set(vector.addresses));
    assert.equal(ticket.format, vector.format === "hash_seq" ? "hash_sequence" : vector.format);
    assert.equal(ticket.hash.toHex(), vector.hash);
    assert.equal(formatTicket(ticket), vector.ticket);
    assert.deepEqual(parseTicket("blob" + vector.ticket.slice(4).toUpperCase()), ticket);
  }
});

Deno.test("every malformed ticket is refused", () => {
  for (const { ticket } of malformedTickets) {
    assert.throws(() => parseTicket(ticket), (error) => isPliError(error, "ticket_malformed"), ticket);
  }
});
