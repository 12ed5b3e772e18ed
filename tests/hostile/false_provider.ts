// A provider with true answers, except where a test changes them: the blobs of a collection in memory, answers that are
// computed whole, and a hook on their bytes. Over the real network or the one in memory.

import { BLOCK_BYTES, chunkCount } from "../../src/engine/bao/geometry.ts";
import { wasmHasher } from "../../src/engine/blake3/wasm_hasher.ts";
import type { BindEndpoint, BiStream, Connection, Endpoint } from "../../src/engine/ports.ts";
import { encodeNames, joinHashes } from "../../src/engine/wire/collection.ts";

import { BLOBS_ALPN, decodeRequest, type Request } from "../../src/engine/wire/request.ts";
import { formatTicket } from "../../src/engine/wire/ticket.ts";
import { blockTree, encodeAll } from "../engine/bao/encoding.ts";
import { readAll } from "../fakes/streams.ts";

export const hasher = wasmHasher();

/** The blobs at the offsets of a collection: root, metadata, files. */
export interface Blobs {
  hash: Uint8Array;
  list: readonly Uint8Array[];
}

/** A valid collection, unless the root or the metadata is given. */
export function collection(
  files: Record<string, Uint8Array>,
  given: { metadata?: Uint8Array; root?: (hashes: Uint8Array[]) => Uint8Array } = {},
): Blobs {
  const metadata = given.metadata ?? encodeNames(Object.keys(files));
  const hashes = [metadata, ...Object.values(files)].map(hashOf);
  const root = (given.root ?? joinHashes)(hashes);
  return { hash: hashOf(root), list: [root, metadata, ...Object.values(files)] };
}

export function hashOf(data: Uint8Array): Uint8Array {
  return data.length <= BLOCK_BYTES ? hasher.leaf(data, 0, true) : blockTree(hasher, data).top;
}

/** The true answer to a request for the root. */
export function answerTo(request: Request, { list }: Blobs): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const { start, end, spec } of request.ranges.runs(list.length)) {
    for (const data of list.slice(start, end)) {
      if (data.length === 0) {
        parts.push(EMPTY_ANSWER);
        continue;
      }
      const selected = spec.select(chunkCount(data.length));
      parts.push(encodeAll(hasher, data, blockTree(hasher, data), selected).encoded);
    }
  }
  return Buffer.concat(parts);
}

/** The encoding of an empty blob is its size alone. */
const EMPTY_ANSWER = new Uint8Array(8);

/** The sent answer instead of the true one; null resets the stream. */
export type Falsify = (answer: Uint8Array, request: Request) => Uint8Array | null;

export interface FalseProvider {
  endpoint: Endpoint;
  ticket: string;
  /** May be changed at any time. */
  falsify: Falsify;
}

export async function provide(
  bind: BindEndpoint,
  blobs: Blobs,
  falsify: Falsify = (answer) => answer,
): Promise<FalseProvider> {
  const accept = async (connection: Connection) => {
    for (let stream = await connection.acceptBi(); stream !== null; stream = await connection.acceptBi()) {
      serve(stream).catch(() => {});
    }
  };
  const serve = async ({ send, receive }: BiStream) => {
    const request = decodeRequest(await readAll(receive));
    const answer = provider.falsify(answerTo(request, blobs), request);
    if (answer === null) return send.reset(3);
    await send.write([answer]);
    await send.finish();
  };
  const endpoint = await bind({
    secretKey: crypto.getRandomValues(new Uint8Array(32)),
    relay: "disabled",
    bindAddresses: ["127.0.0.1:0"],
    lookup: "none",
    accept: new Map([[BLOBS_ALPN, accept]]),
  });
  const { id, directAddresses } = endpoint.address();
  const provider: FalseProvider = {
    endpoint,
    falsify,
    ticket: formatTicket({
      endpointId: id,
      relayUrl: null,
      addresses: directAddresses,
      format: "hash_sequence",
      hash: blobs.hash,
    }),
  };
  return provider;
}

/** Whether a request is for data of files, and not only for the root, the metadata and proofs of sizes. */
export function isForFiles(request: Request): boolean {
  return [...request.ranges.entries()].every(({ offset, spec }) => offset > 0 || spec.isEmpty);
}
