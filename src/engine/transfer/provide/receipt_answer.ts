// Answers one receipt (docs/receipt.md): reads it within the bounds of the share, and answers whether it was noted.

import { equalBytes } from "../../bytes/equal.ts";
import { PliError } from "../../errors.ts";
import type { BiStream } from "../../ports.ts";
import {
  decodeReceipt,
  type Receipt,
  type ReceiptAlpn,
  ReceiptAnswer,
  receiptMaximumBytes,
  receiptPrefixBytes,
} from "../../wire/receipt.ts";
import { HASH_BYTES } from "../../bao/geometry.ts";
import type { Peer } from "./peer.ts";
import type { SharedCollection } from "./shared_collection.ts";
import { concatenate, type StreamReader } from "../stream_reader.ts";

/** A receipt up to this length is read without a reservation. One for everything has less than 40 bytes. */
const SHORT_BYTES = 4 * 1024;

export interface ReceiptAnswerOptions {
  /** The version of the protocol, by the connection's ALPN. */
  alpn: ReceiptAlpn;
  collection: SharedCollection;
  /** Takes a receipt of a download that begins with existing data. */
  noteExistingData: (receipt: Receipt) => void;
  /** Takes a final receipt. Returns false if this peer may not give it. */
  noteOutcome: (receipt: Receipt) => boolean;
}

/** Throws `message_malformed` or `limit_exceeded` for a receipt that is impossible for this share. */
export async function answerReceipt(
  { send, receive }: BiStream,
  peer: Peer,
  { alpn, collection, noteExistingData, noteOutcome }: ReceiptAnswerOptions,
): Promise<void> {
  const receipt = await readReceipt(peer.reader(receive), peer, alpn, collection);
  if (receipt === null) receive.stop(0);
  else checkVerified(receipt, collection);
  if (receipt?.outcome === "unfinished") noteExistingData(receipt);
  // Noted before it is answered: a receiver that disconnects now has everything all the same.
  const isNoted = receipt !== null && (receipt.outcome === "unfinished" || noteOutcome(receipt));
  await peer.write(send, Uint8Array.of(isNoted ? ReceiptAnswer.NOTED : ReceiptAnswer.NOT_THIS_SHARE));
  await peer.finish(send);
}

/**
 * A receipt for this share; memory for a long one is reserved in the budget. Null as soon as it is for another share.
 */
async function readReceipt(
  reader: StreamReader,
  { memory }: Peer,
  alpn: ReceiptAlpn,
  collection: SharedCollection,
): Promise<Receipt | null> {
  const prefixBytes = receiptPrefixBytes(alpn);
  // The root hash proves that the peer has the ticket.
  const head = (await reader.take(prefixBytes + HASH_BYTES)).slice();
  if (!equalBytes(head.subarray(prefixBytes), collection.hash)) return null;
  const maximumBytes = receiptMaximumBytes(collection.files.length);
  const reservedBytes = await reader.isLongerThan(SHORT_BYTES) ? maximumBytes : 0;
  if (reservedBytes > 0) await memory.reserve(reservedBytes);
  try {
    const body = await reader.rest(maximumBytes, "receipt");
    return decodeReceipt(concatenate([head, body], head.length + body.length), alpn);
  } finally {
    if (reservedBytes > 0) memory.release(reservedBytes);
  }
}

/**
 * Children ascend, belong to the share, and have no more bytes than their files. A lost child is a file and not
 * verified.
 */
function checkVerified({ verified, lost = [] }: Receipt, collection: SharedCollection): void {
  const areRight = areChildren(verified.map(({ child }) => child), 0, collection) &&
    areChildren(lost, 1, collection) &&
    verified.every(({ child, bytes }) => bytes <= collection.atOffset(child + 1).sizeBytes);
  const taken = new Set(lost.length === 0 ? [] : verified.map(({ child }) => child));
  if (areRight && !lost.some((child) => taken.has(child))) return;
  throw new PliError("message_malformed", { what: "receipt" });
}

/** Whether these are distinct ascending children of the collection, from number `first` on. */
function areChildren(children: readonly number[], first: number, { offsets }: SharedCollection): boolean {
  let next = first;
  for (const child of children) {
    if (child < next || child >= offsets - 1) return false;
    next = child + 1;
  }
  return true;
}
