// Decides which receipts count, and for how many bytes: what a receiver claims to have counts up to what was sent to
// it. Pure.

import type { Receipt } from "../../wire/receipt.ts";
import type { SharedCollection } from "./shared_collection.ts";

/** Maximum number of receivers with an entry. The one that was sent data longest ago is removed first. */
const MAXIMUM_RECEIVERS = 1024;

interface Receiver {
  sentBytes: number;
  /** `sentBytes` when its last receipt was counted; null before the first. */
  countedBytes: number | null;
}

export type Counted =
  /** The receipt counts for these files and bytes. */
  | { kind: "delivery"; files: number; bytes: number }
  /** The receipt repeats an earlier one of the same receiver. */
  | { kind: "repetition" }
  /** Nothing was sent to the receiver. */
  | { kind: "unfounded" };

export class Deliveries {
  readonly #collection: SharedCollection;
  /** By id, in the order in which they were last sent data. */
  readonly #receivers = new Map<string, Receiver>();

  /** @param earlierId the receiver that took an unknown amount of data in an earlier run of the share */
  constructor(collection: SharedCollection, earlierId?: string) {
    this.#collection = collection;
    if (earlierId !== undefined) this.sent(earlierId, Infinity);
  }

  /** Counts bytes of files that were handed to the receiver's streams. */
  sent(id: string, bytes: number): void {
    const receiver = this.#receivers.get(id) ?? { sentBytes: 0, countedBytes: null };
    receiver.sentBytes += bytes;
    this.#receivers.delete(id);
    this.#receivers.set(id, receiver);
    if (this.#receivers.size <= MAXIMUM_RECEIVERS) return;
    const [[longestAgo]] = this.#receivers;
    this.#receivers.delete(longestAgo);
  }

  /** Counts a final receipt. A second one of the same receiver counts only after as many bytes were sent again. */
  count(id: string, { outcome, verified }: Receipt): Counted {
    const { sizeBytes, files: all } = this.#collection;
    const [files, claimedBytes] = outcome === "everything"
      ? [all.length, sizeBytes]
      : [verified.length, verified.reduce((sum, { bytes }) => sum + bytes, 0)];
    const receiver = this.#receivers.get(id);
    if (receiver === undefined) {
      // A share of 0 bytes is complete without any data sent.
      return sizeBytes === 0 ? { kind: "delivery", files, bytes: 0 } : { kind: "unfounded" };
    }
    const { sentBytes, countedBytes } = receiver;
    if (countedBytes !== null && !(sentBytes - countedBytes >= Math.max(claimedBytes, 1))) {
      return { kind: "repetition" };
    }
    receiver.countedBytes = sentBytes;
    return { kind: "delivery", files, bytes: Math.min(claimedBytes, sentBytes - (countedBytes ?? 0)) };
  }
}
