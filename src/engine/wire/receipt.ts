// The receipt: the report of a receiving pli to the sending one. docs/receipt.md describes the protocol and the
// negotiation of its version.
//
//   00                        in version 1 only
//   root hash (32)
//   outcome                   00 unfinished, 01 everything, 02 selection, 03 incomplete
//   count, (child, bytes)     verified bytes; empty with 01. Child 0 is the metadata, as in the root
//   count, child              with 03 only: the files that the provider cannot send

import { HASH_BYTES } from "../bao/geometry.ts";
import { PostcardReader, PostcardWriter } from "../bytes/postcard.ts";
import { COLLECTION_MAXIMUM_FILES } from "./collection.ts";

/** The newest version; each version has its ALPN. */
export const RECEIPT_ALPN = "pli/receipt/2";
/** The previous version, whose receiver may give up at the first lost file. */
export const RECEIPT_1_ALPN = "pli/receipt/1";
/** In the order in which a receiver offers them; a provider accepts all of them. */
export const RECEIPT_ALPNS = [RECEIPT_ALPN, RECEIPT_1_ALPN] as const;
export type ReceiptAlpn = typeof RECEIPT_ALPNS[number];

/** The longest receipt for a share of `files` files: at most two varints for each, and the other fields. */
export function receiptMaximumBytes(files: number): number {
  return 64 + 13 * (files + 1);
}

export const ReceiptAnswer = { NOTED: 0, NOT_THIS_SHARE: 1 } as const;

const OUTCOMES = ["unfinished", "everything", "selection", "incomplete"] as const;

export interface Receipt {
  rootHash: Uint8Array;
  outcome: typeof OUTCOMES[number];
  verified: { child: number; bytes: number }[];
  /** The children that the provider cannot send; only with `incomplete`. */
  lost?: number[];
}

export function encodeReceipt(
  { rootHash, outcome, verified, lost = [] }: Receipt,
  alpn: ReceiptAlpn = RECEIPT_ALPN,
): Uint8Array {
  const writer = new PostcardWriter();
  if (alpn === RECEIPT_1_ALPN) writer.u64(0);
  writer.raw(rootHash).u64(OUTCOMES.indexOf(outcome)).u64(verified.length);
  for (const { child, bytes } of verified) writer.u64(child).u64(bytes);
  if (outcome === "incomplete") {
    writer.u64(lost.length);
    for (const child of lost) writer.u64(child);
  }
  return writer.finish();
}

/** The number of bytes before the root hash. */
export function receiptPrefixBytes(alpn: ReceiptAlpn): number {
  return alpn === RECEIPT_1_ALPN ? 1 : 0;
}

/** Throws `message_malformed`, `limit_exceeded`. */
export function decodeReceipt(bytes: Uint8Array, alpn: ReceiptAlpn = RECEIPT_ALPN): Receipt {
  const reader = new PostcardReader(bytes, "receipt");
  if (alpn === RECEIPT_1_ALPN && reader.u64() !== 0n) throw reader.malformed();
  const rootHash = reader.raw(HASH_BYTES);
  const outcome = OUTCOMES[reader.count(OUTCOMES.length - 1)];
  const verified = Array.from({ length: reader.elementCount(COLLECTION_MAXIMUM_FILES + 1, 2) }, () => ({
    child: reader.count(COLLECTION_MAXIMUM_FILES),
    bytes: reader.count(Number.MAX_SAFE_INTEGER),
  }));
  const lost = outcome === "incomplete" ? { lost: readLost(reader) } : {};
  reader.end();
  return { rootHash, outcome, verified, ...lost };
}

function readLost(reader: PostcardReader): number[] {
  const length = reader.elementCount(COLLECTION_MAXIMUM_FILES, 1);
  return Array.from({ length }, () => reader.count(COLLECTION_MAXIMUM_FILES));
}
