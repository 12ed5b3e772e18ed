// What a ticket stands for, fetched in one request and verified: the root, the metadata and a proof of every
// file's size. Nothing of it claims the share, so it can be shown before anybody decides.

import { BlobDecoder, type DecoderOptions } from "../bao/decoder.ts";
import { isPliError, PliError } from "../errors.ts";
import type { Hasher } from "../ports.ts";
import type { Texts } from "../bytes/texts.ts";
import { decodeNames, METADATA_MAXIMUM_BYTES, ROOT_MAXIMUM_BYTES, splitHashes } from "../wire/collection.ts";
import type { HashSequence } from "../wire/hash_sequence.ts";
import { checkNames } from "../store/names.ts";
import { EVERYTHING, LAST_CHUNK, NOTHING } from "../wire/range_spec.ts";
import { RangesSequence } from "../wire/ranges_sequence.ts";
import { RemoteFiles } from "./remote_files.ts";
import { openRequest, type Provision, type ResponseReader, toldApart } from "./open_request.ts";
import { concatenate, type StreamReader } from "./stream_reader.ts";

export interface Manifest {
  rootHash: Uint8Array;
  files: RemoteFiles;
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
  const { links, names } = await takeNames(reader, hasher, rootHash);
  const sizesBytes = new Float64Array(names.length);
  let sizeBytes = 0;
  for (let i = 0; i < names.length; i++) {
    const size = await sizeOf(reader, hasher, names, links, i);
    sizesBytes[i] = size;
    sizeBytes += size;
    if (!Number.isSafeInteger(sizeBytes)) {
      throw new PliError("limit_exceeded", { what: "total size", maximum: Number.MAX_SAFE_INTEGER });
    }
  }
  await reader.end();
  return { rootHash, files: new RemoteFiles({ links, names, sizesBytes }), sizeBytes };
}

/** The root and the names in the metadata, all of them fit for use. */
async function takeNames(reader: ResponseReader, hasher: Hasher, rootHash: Uint8Array) {
  const whole = { hasher, select: (chunks: number) => EVERYTHING.select(chunks) };
  const root = await reader.inside(
    null,
    (stream) => takeBlob(stream, { ...whole, hash: rootHash, maximumBytes: ROOT_MAXIMUM_BYTES }),
  );
  const links = splitHashes(root);
  if (links.length === 0) throw new PliError("message_malformed", { what: "collection" });
  const metadata = await reader.inside(
    null,
    (stream) => takeBlob(stream, { ...whole, hash: links.at(0), maximumBytes: METADATA_MAXIMUM_BYTES }),
  );
  const names = decodeNames(metadata);
  if (names.length !== links.length - 1) throw new PliError("message_malformed", { what: "collection" });
  checkNames(names);
  return { links, names };
}

/** The proved size of a file, which comes next. */
async function sizeOf(
  reader: ResponseReader,
  hasher: Hasher,
  names: Texts,
  links: HashSequence,
  index: number,
) {
  const name = names.at(index);
  return await reader.inside(name, (stream) => takeSize(stream, hasher, links.at(index + 1)));
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
  const { links, names } = await takeNames(reader, hasher, rootHash);
  const areProved = async (start: number, end: number): Promise<boolean> => {
    const reader = await ask(RangesSequence.of([start + 2, LAST_CHUNK], [end + 2, NOTHING]));
    try {
      for (let i = start; i < end; i++) {
        await sizeOf(reader, hasher, names, links, i);
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
  return await areProved(start, end) ? null : names.at(start);
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
