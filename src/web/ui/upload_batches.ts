// Dropped files in batches, each the body of one request (upload_batch.ts). A large file is a batch of its own.

/// <reference lib="dom" />

import type { DroppedFile } from "./drop.ts";

/** Maximum of a batch of several files. */
const BATCH_BYTES = 4 * 1024 * 1024;
const BATCH_FILES = 500;
/** Bound of the index, whose maximum is that of the server. */
const INDEX_BYTES = 512 * 1024;
/** What an entry of the index has besides the name, at most. */
const ENTRY_BYTES = 64;
/** At most, as JSON of UTF-8: `\u001f`. */
const BYTES_OF_CHARACTER = 6;

/** The files in batches, in order. */
export function batchesOf(files: readonly DroppedFile[]): DroppedFile[][] {
  const batches: DroppedFile[][] = [];
  let batch: DroppedFile[] = [];
  let [bytes, indexBytes] = [0, 0];
  for (const each of files) {
    const entryBytes = each.name.length * BYTES_OF_CHARACTER + ENTRY_BYTES;
    const isFull = batch.length === BATCH_FILES || bytes + each.file.size > BATCH_BYTES ||
      indexBytes + entryBytes > INDEX_BYTES;
    if (batch.length > 0 && isFull) {
      batches.push(batch);
      batch = [];
      [bytes, indexBytes] = [0, 0];
    }
    batch.push(each);
    bytes += each.file.size;
    indexBytes += entryBytes;
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}

/** The body of a batch. The files are read when it is sent. */
export function batchBlob(files: readonly DroppedFile[]): Blob {
  const index = new TextEncoder().encode(
    JSON.stringify(files.map(({ name, file }) => ({ name, bytes: file.size }))),
  );
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, index.length);
  return new Blob([length, index, ...files.map(({ file }) => file)]);
}
