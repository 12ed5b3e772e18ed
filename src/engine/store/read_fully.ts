// Reads files that may be shorter than their size, for content that is verified afterwards.

import type { DiskFile } from "../ports.ts";

/** Fills a buffer from a position of a file up to its end; the rest of the buffer is unchanged. Throws `disk_*`. */
export async function readFully(file: DiskFile, buffer: Uint8Array, offsetBytes: number): Promise<void> {
  for (let at = 0; at < buffer.length;) {
    const count = await file.readAt(buffer.subarray(at), offsetBytes + at);
    if (count === 0) return;
    at += count;
  }
}
