// What a ticket stands for, fetched in one request and verified: the root, the metadata and a proof of every
// file's size. Nothing of it claims the share, so it can be shown before anybody decides.

import { BlobDecoder, type DecoderOptions } from "../bao/decoder.ts";
import { PliError } from "../errors.ts";
import type { Hasher } from "../ports.ts";
import { decodeNames, METADATA_MAXIMUM_BYTES, ROOT_MAXIMUM_BYTES, splitHashes } from "../wire/collection.ts";
import { checkNames } from "../store/names.ts";
import { EVERYTHING, LAST_CHUNK, select } from "../wire/range_spec.ts";
import { RangesSequence } from "../wire/ranges_sequence.ts";
import { openRequest, type Provision, toldApart } from "./open_request.ts";
import { concatenate, type StreamReader } from "./stream_reader.ts";

export interface RemoteFile {
  /** Where it stands in requests for the root: behind the root itself and the metadata. */
  offset: number;
  name: string;
  hash: Uint8Array;
  sizeBytes: number;
}

export interface Manifest {
  rootHash: Uint8Array;
  files: readonly RemoteFile[];
  sizeBytes: number;
}

/**
 * Throws `peer_refused` when the provider does not serve this hash, `source_lost` when it does but a size cannot
 * be proved, `wrong_bytes`, `message_malformed`, `limit_exceeded`, `name_refused`, `connection_lost`.
 */
export async function fetchManifest(
  provision: Provision,
  hasher: Hasher,
  rootHash: Uint8Array,
): Promise<Manifest> {
  return await toldApart(provision, rootHash, () => null, requestManifest(provision, hasher, rootHash));
}

async function requestManifest(
  provision: Provision,
  hasher: Hasher,
  rootHash: Uint8Array,
): Promise<Manifest> {
  const ranges = RangesSequence.of([0, EVERYTHING], [2, LAST_CHUNK]);
  const reader = await openRequest(provision, { kind: "get", hash: rootHash, ranges });
  const whole = { hasher, select: (chunks: number) => select(EVERYTHING, chunks) };
  const root = await reader.inside(
    null,
    (stream) => takeBlob(stream, { ...whole, hash: rootHash, maximumBytes: ROOT_MAXIMUM_BYTES }),
  );
  const [metadataHash, ...hashes] = splitHashes(root);
  if (metadataHash === undefined) throw new PliError("message_malformed", { what: "collection" });
  const metadata = await reader.inside(
    null,
    (stream) => takeBlob(stream, { ...whole, hash: metadataHash, maximumBytes: METADATA_MAXIMUM_BYTES }),
  );
  const names = decodeNames(metadata);
  if (names.length !== hashes.length) throw new PliError("message_malformed", { what: "collection" });
  checkNames(names);
  const files: RemoteFile[] = [];
  let sizeBytes = 0;
  for (let i = 0; i < names.length; i++) {
    const file = { offset: i + 2, name: names[i], hash: hashes[i] };
    const size = await reader.inside(file.name, (stream) => takeSize(stream, hasher, file.hash));
    sizeBytes += size;
    if (!Number.isSafeInteger(sizeBytes)) {
      throw new PliError("limit_exceeded", { what: "total size", maximum: Number.MAX_SAFE_INTEGER });
    }
    files.push({ ...file, sizeBytes: size });
  }
  await reader.end();
  return { rootHash, files, sizeBytes };
}

async function takeBlob(stream: StreamReader, options: DecoderOptions): Promise<Uint8Array> {
  const decoder = new BlobDecoder(options);
  const pieces: Uint8Array[] = [];
  let length = 0;
  while (decoder.needBytes > 0) {
    const decoded = decoder.accept(await stream.take(decoder.needBytes));
    if (decoded.kind !== "leaf") continue;
    pieces.push(decoded.bytes.slice());
    length += decoded.bytes.length;
  }
  return concatenate(pieces, length);
}

async function takeSize(stream: StreamReader, hasher: Hasher, hash: Uint8Array): Promise<number> {
  const decoder = new BlobDecoder({
    hasher,
    hash,
    select: (chunks) => select(LAST_CHUNK, chunks),
    maximumBytes: Number.MAX_SAFE_INTEGER,
  });
  while (decoder.needBytes > 0) decoder.accept(await stream.take(decoder.needBytes));
  const sizeBytes = decoder.provedSizeBytes;
  if (sizeBytes === null) throw new PliError("internal", { what: "a size proof without its last chunk" });
  return sizeBytes;
}
