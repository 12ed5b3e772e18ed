// The requests of /iroh-bytes/4. First byte: the kind. The rest of the stream is the body, at most 1 MiB.
//
//   Get      00 | hash (32) | chunk ranges sequence
//   Observe  01 | …          answered with a reset, not decoded
//   Push     08 | …          answered with a reset, not decoded
//   GetMany  09 | count, hashes (32 each) | chunk ranges sequence, in which offset n is hash n

import { HASH_BYTES } from "../bao/geometry.ts";
import { PostcardReader, PostcardWriter } from "../bytes/postcard.ts";
import { HashSequence } from "./hash_sequence.ts";
import { RangesSequence } from "./ranges_sequence.ts";

export const BLOBS_ALPN = "/iroh-bytes/4";

/** The longest body of a request. */
export const REQUEST_MAXIMUM_BYTES = 1024 * 1024;

/** Codes of stream resets. */
export const ResetCode = { PERMISSION: 1, LIMIT: 2, INTERNAL: 3 } as const;

const KIND = { GET: 0, OBSERVE: 1, PUSH: 8, GET_MANY: 9 } as const;

export type Request =
  | { kind: "get"; hash: Uint8Array; ranges: RangesSequence }
  | { kind: "get_many"; hashes: HashSequence; ranges: RangesSequence };

/** Whether a request with this first byte is refused without reading the rest. */
export function isForbiddenKind(byte: number): boolean {
  return byte === KIND.OBSERVE || byte === KIND.PUSH;
}

/** Reads a Get or a GetMany. Throws `message_malformed`, also for bytes after it. */
export function decodeRequest(bytes: Uint8Array): Request {
  const reader = new PostcardReader(bytes, "request");
  const request = readRequest(reader);
  reader.end();
  return request;
}

function readRequest(reader: PostcardReader): Request {
  const kind = reader.u8();
  if (kind === KIND.GET) {
    return { kind: "get", hash: reader.raw(HASH_BYTES), ranges: RangesSequence.read(reader) };
  }
  if (kind === KIND.GET_MANY) {
    const count = reader.elementCount(REQUEST_MAXIMUM_BYTES, HASH_BYTES);
    const hashes = new HashSequence(reader.raw(count * HASH_BYTES));
    return { kind: "get_many", hashes, ranges: RangesSequence.read(reader) };
  }
  throw reader.malformed();
}

export function encodeRequest(request: Request): Uint8Array {
  const writer = new PostcardWriter();
  if (request.kind === "get") {
    writer.u8(KIND.GET).raw(request.hash);
  } else {
    writer.u8(KIND.GET_MANY).u64(request.hashes.length).raw(request.hashes.bytes);
  }
  request.ranges.write(writer);
  return writer.finish();
}
