// The room on a volume, as the system tells it to this user.

import { statfs } from "node:fs/promises";

/** See Disk.freeBytes. */
export async function freeBytes(path: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(path);
    // Volumes without a size of their own say that they have no blocks at all.
    return bsize > 0 ? bavail * bsize : null;
  } catch {
    // Nothing depends on it: what cannot be told is found out by writing.
    return null;
  }
}
