// Reads a blob, or the proof of its size, from a response, and verifies it.

import { BlobDecoder, type DecoderOptions } from "../../bao/decoder.ts";
import { PliError } from "../../errors.ts";
import type { Hasher } from "../../ports.ts";
import { LAST_CHUNK } from "../../wire/range_spec.ts";
import { concatenate, type StreamReader } from "../stream_reader.ts";

/** The next blob, verified. */
export async function takeBlob(stream: StreamReader, options: DecoderOptions): Promise<Uint8Array> {
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

/** The size of the blob whose last chunk comes next, proved by it. */
export async function takeSize(stream: StreamReader, hasher: Hasher, hash: Uint8Array): Promise<number> {
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
