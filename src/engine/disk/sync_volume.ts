// Flushing a whole volume by one call, which only the native addon can make, and only on Linux: ten thousand
// small files then take one commit instead of one each.

import { nativeAddon, usesNative } from "../native/addon.ts";
import { diskFault } from "./disk_faults.ts";

interface NativeDisk {
  /** Rejects when anything could not be written. Not there where the system has no such call. */
  syncVolume?(path: string): Promise<void>;
}

/** See Disk.syncVolume. */
export async function syncVolume(path: string): Promise<boolean> {
  if (!usesNative()) return false;
  const native = nativeAddon() as NativeDisk;
  if (native.syncVolume === undefined) return false;
  try {
    await native.syncVolume(path);
    return true;
  } catch (error) {
    throw diskFault(error, path);
  }
}
