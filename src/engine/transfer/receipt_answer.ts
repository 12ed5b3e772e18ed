// Answers one receipt (docs/receipt.md): reads it within the bounds of the share that it should be about, and
// says whether it was noted.

import { equalBytes } from "../bytes/equal.ts";
import { PliError } from "../errors.ts";
import type { BiStream, Clock } from "../ports.ts";
import { decodeReceipt, type Receipt, ReceiptAnswer, receiptMaximumBytes } from "../wire/receipt.ts";
import { withDeadline } from "./deadline.ts";
import type { SharedCollection } from "./shared_collection.ts";
import { STALL_MS, StreamReader } from "./stream_reader.ts";

export interface ReceiptAnswerOptions {
  collection: SharedCollection;
  clock: Clock;
  /** Takes a final receipt; false when it is not this peer's to give. */
  noteOutcome: (receipt: Receipt) => boolean;
}

/** Throws `message_malformed` or `limit_exceeded` for a receipt that no receiver of this share can mean. */
export async function answerReceipt(
  { send, receive }: BiStream,
  options: ReceiptAnswerOptions,
): Promise<void> {
  const { collection, clock, noteOutcome } = options;
  const maximumBytes = receiptMaximumBytes(collection.files.length);
  const receipt = decodeReceipt(await new StreamReader(receive, clock).rest(maximumBytes, "receipt"));
  const isOurs = equalBytes(receipt.rootHash, collection.hash);
  if (isOurs) checkVerified(receipt, collection);
  // Noted before it is answered: a receiver that is gone by then has everything all the same.
  const isNoted = isOurs && (receipt.outcome === "taking" || noteOutcome(receipt));
  const answer = isNoted ? ReceiptAnswer.NOTED : ReceiptAnswer.NOT_THIS_SHARE;
  await withDeadline(clock, STALL_MS, send.write([Uint8Array.of(answer)]));
  await send.finish();
  await withDeadline(clock, STALL_MS, send.stopped());
}

/** Children rise, are the share's, and have no more bytes than it says. */
function checkVerified({ verified }: Receipt, collection: SharedCollection): void {
  let previous = -1;
  for (const { child, bytes } of verified) {
    const isChild = child > previous && child < collection.offsets - 1;
    if (!isChild || bytes > collection.atOffset(child + 1).sizeBytes) {
      throw new PliError("message_malformed", { what: "receipt" });
    }
    previous = child;
  }
}
