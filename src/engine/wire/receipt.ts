// The receipt: how a pli tells a pli what it has. docs/receipt.md describes the protocol.
//
//   00                        version
//   root hash (32)
//   outcome                   00 still taking, 01 has all, 02 has what it wanted, which is a part
//   count, (child, bytes)     what has been verified; empty with 01. Child 0 is the metadata, as in the root

import { HASH_BYTES } from "../bao/geometry.ts";
import { PostcardReader, PostcardWriter } from "../bytes/postcard.ts";
import { COLLECTION_MAXIMUM_FILES } from "./collection.ts";

export const RECEIPT_ALPN = "pli/receipt/1";
/** The longest receipt about a share of so many files: two varints for each, and what stands before them. */
export function receiptMaximumBytes(files: number): number {
  return 64 + 13 * (files + 1);
}

export const ReceiptAnswer = { NOTED: 0, NOT_THIS_SHARE: 1 } as const;

const OUTCOMES = ["taking", "all", "part"] as const;

export interface Receipt {
  rootHash: Uint8Array;
  outcome: typeof OUTCOMES[number];
  verified: { child: number; bytes: number }[];
}

export function encodeReceipt({ rootHash, outcome, verified }: Receipt): Uint8Array {
  const writer = new PostcardWriter().u64(0).raw(rootHash).u64(OUTCOMES.indexOf(outcome)).u64(
    verified.length,
  );
  for (const { child, bytes } of verified) writer.u64(child).u64(bytes);
  return writer.finish();
}

/** Throws `message_malformed`, `limit_exceeded`. */
export function decodeReceipt(bytes: Uint8Array): Receipt {
  const reader = new PostcardReader(bytes, "receipt");
  if (reader.u64() !== 0n) throw reader.malformed();
  const rootHash = reader.raw(HASH_BYTES);
  const outcome = OUTCOMES[reader.count(OUTCOMES.length - 1)];
  const verified = Array.from({ length: reader.elementCount(COLLECTION_MAXIMUM_FILES + 1, 2) }, () => ({
    child: reader.count(COLLECTION_MAXIMUM_FILES),
    bytes: reader.count(Number.MAX_SAFE_INTEGER),
  }));
  reader.end();
  return { rootHash, outcome, verified };
}
