// Reading what may be shorter than it says: for things that are checked afterwards anyway.

import type { DiskFile } from "../ports.ts";

/** Fills a buffer from a position of a file, as far as the file goes; the rest stays as it is. Throws `disk_*`. */
export async function readFully(file: DiskFile, buffer: Uint8Array, offsetBytes: number): Promise<void> {
  for (let at = 0; at < buffer.length;) {
    const count = await file.readAt(buffer.subarray(at), offsetBytes + at);
    if (count === 0) return;
    at += count;
  }
}
