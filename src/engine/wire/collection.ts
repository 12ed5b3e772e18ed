// A collection: named files as a hash sequence. The root blob is n × 32 bytes of hashes; its first child is
// the metadata, `CollectionV0.` and the list of names; name i belongs to child i + 1. Whether a disk can
// store the names is checked elsewhere.

import { HASH_BYTES } from "../bao/geometry.ts";
import { PostcardReader, PostcardWriter } from "../bytes/postcard.ts";
import { Texts } from "../bytes/texts.ts";
import { complete, ITEM_UNITS, type Work } from "../work.ts";
import { PliError } from "../errors.ts";
import { HashSequence } from "./hash_sequence.ts";

const HEADER = new TextEncoder().encode("CollectionV0.");

/** The most files that a collection may have. */
export const COLLECTION_MAXIMUM_FILES = 1_000_000;
/** The longest root blob. A million files and their metadata take slightly less. */
export const ROOT_MAXIMUM_BYTES = 32 * 1024 * 1024;
/** The longest metadata blob. */
export const METADATA_MAXIMUM_BYTES = 32 * 1024 * 1024;

/** The hashes in a root blob. Throws `message_malformed`, `limit_exceeded`. */
export function splitHashes(root: Uint8Array): HashSequence {
  if (root.length % HASH_BYTES !== 0) throw new PliError("message_malformed", { what: "hash sequence" });
  const count = root.length / HASH_BYTES;
  if (count > COLLECTION_MAXIMUM_FILES + 1) {
    throw new PliError("limit_exceeded", { what: "files", maximum: COLLECTION_MAXIMUM_FILES });
  }
  return new HashSequence(root);
}

/** The root blob of a metadata blob's hash and the files' hashes. */
export function joinHashes(hashes: Iterable<Uint8Array>): Uint8Array {
  const writer = new PostcardWriter();
  for (const hash of hashes) writer.raw(hash);
  return writer.finish();
}

/** The names in a metadata blob. Throws `message_malformed`, `limit_exceeded`. */
export function decodeNames(metadata: Uint8Array): Texts {
  return complete(decodingNames(metadata));
}

/** `decodeNames` in steps. */
export function* decodingNames(metadata: Uint8Array): Work<Texts> {
  const reader = new PostcardReader(metadata, "collection");
  const header = reader.raw(HEADER.length);
  if (!header.every((byte, i) => byte === HEADER[i])) throw reader.malformed();
  const count = reader.elementCount(COLLECTION_MAXIMUM_FILES, 1);
  const [starts, ends] = [new Uint32Array(count), new Uint32Array(count)];
  for (let i = 0; i < count; i++) {
    // Invalid UTF-8 is refused here. The text itself is not kept.
    const { length } = reader.textBytes(metadata.length);
    ends[i] = reader.offset;
    starts[i] = ends[i] - length;
    yield length + ITEM_UNITS;
  }
  reader.end();
  return new Texts(metadata, starts, ends);
}

/** The metadata blob of a list of names. */
export function encodeNames(names: { readonly length: number } & Iterable<string>): Uint8Array {
  const writer = new PostcardWriter().raw(HEADER).u64(names.length);
  for (const name of names) writer.text(name);
  return writer.finish();
}
