// Reads one request to its end. A kind that is never answered is refused by its first byte. A long request reserves
// its memory in the budget, because a thousand peers could each begin one.

import type { BudgetClient } from "./byte_budget.ts";
import { decodeRequest, isForbiddenKind, type Request, REQUEST_MAXIMUM_BYTES } from "../../wire/request.ts";
import { concatenate, type StreamReader } from "../stream_reader.ts";

/** A body up to this length is read without a reservation. The usual one has about 40 bytes. */
const SHORT_BYTES = 4 * 1024;

/** A request of a kind that is never answered. */
export class ForbiddenRequest extends Error {}

/** Throws ForbiddenRequest, `message_malformed`, `limit_exceeded`, and what the reader throws. */
export async function readRequest(reader: StreamReader, memory: BudgetClient): Promise<Request> {
  const kind = (await reader.take(1)).slice();
  if (isForbiddenKind(kind[0])) throw new ForbiddenRequest();
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
