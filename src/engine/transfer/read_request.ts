// Reads one request to its end. What is never answered is refused by its first byte, and a long one waits for room:
// a thousand strangers could each begin one.

import type { Account } from "../store/fair_pool.ts";
import { decodeRequest, isForbiddenKind, type Request, REQUEST_MAXIMUM_BYTES } from "../wire/request.ts";
import { concatenate, type StreamReader } from "./stream_reader.ts";

/** A body that is read without asking for room. The usual one has about 40 bytes. */
const SHORT_BYTES = 4 * 1024;

/** A request of a kind that is never answered. */
export class Forbidden extends Error {}

/** Throws Forbidden, `message_malformed`, `limit_exceeded`, and what the reader throws. */
export async function readRequest(reader: StreamReader, memory: Account): Promise<Request> {
  const kind = (await reader.take(1)).slice();
  if (isForbiddenKind(kind[0])) throw new Forbidden();
  if (!await reader.isLongerThan(SHORT_BYTES)) return await readBody(kind, reader);
  await memory.reserve(REQUEST_MAXIMUM_BYTES);
  try {
    return await readBody(kind, reader);
  } finally {
    memory.release(REQUEST_MAXIMUM_BYTES);
  }
}

async function readBody(kind: Uint8Array, reader: StreamReader): Promise<Request> {
  const body = await reader.rest(REQUEST_MAXIMUM_BYTES, "request");
  return decodeRequest(concatenate([kind, body], 1 + body.length));
}
