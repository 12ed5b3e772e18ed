// The room on a volume, as the system reports it to this user.

import { statfs } from "node:fs/promises";
import type { VolumeRoom } from "../ports.ts";
import { SYSTEM } from "../system.ts";

/** MSDOS_SUPER_MAGIC of Linux: FAT12 to FAT32, whose directories have 32 bits for a size. */
const FAT = 0x4d44;
const FAT_LARGEST_BYTES = 2 ** 32 - 1;

/** See Disk.room. */
export async function room(path: string): Promise<VolumeRoom | null> {
  try {
    const { bavail, bsize, files, ffree, type } = await statfs(path);
    // Volumes without a size report no blocks, others no inodes.
    if (bsize === 0) return null;
    return {
      freeBytes: bavail * bsize,
      freeInodes: files > 0 ? ffree : null,
      blockBytes: bsize,
      largestFileBytes: SYSTEM === "linux" && type === FAT ? FAT_LARGEST_BYTES : null,
    };
  } catch {
    // Nothing depends on it: a volume that is full is detected by writing.
    return null;
  }
}
