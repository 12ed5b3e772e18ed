// What a ticket stands for, fetched in one request and verified: the root, the metadata and a proof of every
// file's size. Nothing of it claims the share, so it can be shown before anybody decides.

import { BlobDecoder, type DecoderOptions } from "../bao/decoder.ts";
import { isPliError, PliError } from "../errors.ts";
import type { Hasher } from "../ports.ts";
import { HASH_BYTES } from "../bao/geometry.ts";
import {
  COLLECTION_MAXIMUM_FILES,
  decodeNames,
  METADATA_MAXIMUM_BYTES,
  ROOT_MAXIMUM_BYTES,
} from "../wire/collection.ts";
import { checkNames } from "../store/names.ts";
import { EVERYTHING, LAST_CHUNK, NOTHING } from "../wire/range_spec.ts";
import { RangesSequence } from "../wire/ranges_sequence.ts";
import { openRequest, type Provision, type ResponseReader, toldApart } from "./open_request.ts";
import { concatenate, type StreamReader } from "./stream_reader.ts";

export interface RemoteFile {
  /** Where it stands in requests for the root: behind the root itself and the metadata. */
  readonly offset: number;
  readonly name: string;
  readonly hash: Uint8Array;
  readonly sizeBytes: number;
}

/** A file whose hash is a view of the root, made when it is asked for: a million views would be the most of it all. */
class ListedFile implements RemoteFile {
  readonly #root: Uint8Array;

  constructor(root: Uint8Array, readonly offset: number, readonly name: string, readonly sizeBytes: number) {
    this.#root = root;
  }

  get hash(): Uint8Array {
    return hashAt(this.#root, this.offset);
  }
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
  try {
    return await toldApart(provision, rootHash, () => null, requestManifest(provision, hasher, rootHash));
  } catch (error) {
    if (!isPliError(error, "source_lost") || error.parameters.name !== null) throw error;
    const name = await lostName(provision, hasher, rootHash).catch(() => null);
    throw name === null ? error : new PliError("source_lost", { name }, { cause: error });
  }
}

async function requestManifest(
  provision: Provision,
  hasher: Hasher,
  rootHash: Uint8Array,
): Promise<Manifest> {
  const ranges = RangesSequence.of([0, EVERYTHING], [2, LAST_CHUNK]);
  const reader = await openRequest(provision, { kind: "get", hash: rootHash, ranges });
  const { root, names } = await takeNames(reader, hasher, rootHash);
  const files: RemoteFile[] = [];
  let sizeBytes = 0;
  for (let i = 0; i < names.length; i++) {
    const hash = hashAt(root, i + 2);
    const size = await reader.inside(names[i], (stream) => takeSize(stream, hasher, hash));
    sizeBytes += size;
    if (!Number.isSafeInteger(sizeBytes)) {
      throw new PliError("limit_exceeded", { what: "total size", maximum: Number.MAX_SAFE_INTEGER });
    }
    files.push(new ListedFile(root, i + 2, names[i], size));
  }
  await reader.end();
  return { rootHash, files, sizeBytes };
}

/** The root and the names in the metadata, all of them fit for use. */
async function takeNames(reader: ResponseReader, hasher: Hasher, rootHash: Uint8Array) {
  const whole = { hasher, select: (chunks: number) => EVERYTHING.select(chunks) };
  const root = await reader.inside(
    null,
    (stream) => takeBlob(stream, { ...whole, hash: rootHash, maximumBytes: ROOT_MAXIMUM_BYTES }),
  );
  const links = root.length / HASH_BYTES;
  if (!Number.isInteger(links)) throw new PliError("message_malformed", { what: "hash sequence" });
  if (links > COLLECTION_MAXIMUM_FILES + 1) {
    throw new PliError("limit_exceeded", { what: "files", maximum: COLLECTION_MAXIMUM_FILES });
  }
  if (links === 0) throw new PliError("message_malformed", { what: "collection" });
  const metadata = await reader.inside(
    null,
    (stream) => takeBlob(stream, { ...whole, hash: hashAt(root, 1), maximumBytes: METADATA_MAXIMUM_BYTES }),
  );
  const names = decodeNames(metadata);
  if (names.length !== links - 1) throw new PliError("message_malformed", { what: "collection" });
  checkNames(names);
  return { root, names };
}

/** The hash of what stands at an offset of requests for the root, which has it one place before. */
function hashAt(root: Uint8Array, offset: number): Uint8Array {
  return root.subarray((offset - 1) * HASH_BYTES, offset * HASH_BYTES);
}

/**
 * The name of a file whose size cannot be proved any more. The reset has taken the names with it, so they are asked for
 * alone, and then the proofs of half of the files, and half of that. Null when all can be proved.
 */
async function lostName(
  provision: Provision,
  hasher: Hasher,
  rootHash: Uint8Array,
): Promise<string | null> {
  const ask = (ranges: RangesSequence) => openRequest(provision, { kind: "get", hash: rootHash, ranges });
  const reader = await ask(RangesSequence.of([0, EVERYTHING], [2, NOTHING]));
  const { root, names } = await takeNames(reader, hasher, rootHash);
  const areProved = async (start: number, end: number): Promise<boolean> => {
    const reader = await ask(RangesSequence.of([start + 2, LAST_CHUNK], [end + 2, NOTHING]));
    try {
      for (let i = start; i < end; i++) {
        await reader.inside(names[i], (stream) => takeSize(stream, hasher, hashAt(root, i + 2)));
      }
      return true;
    } catch (error) {
      if (isPliError(error, "connection_lost")) throw error;
      return false;
    }
  };
  let [start, end] = [0, names.length];
  while (end - start > 1) {
    const middle = Math.ceil((start + end) / 2);
    if (await areProved(start, middle)) start = middle;
    else end = middle;
  }
  return await areProved(start, end) ? null : names[start];
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
    select: (chunks) => LAST_CHUNK.select(chunks),
    maximumBytes: Number.MAX_SAFE_INTEGER,
  });
  for (let count = decoder.needBytes; count > 0; count = decoder.needBytes) {
    decoder.accept(stream.has(count) ? stream.takeNow(count) : await stream.take(count));
  }
  const sizeBytes = decoder.provedSizeBytes;
  if (sizeBytes === null) throw new PliError("internal", { what: "a size proof without its last chunk" });
  return sizeBytes;
}
