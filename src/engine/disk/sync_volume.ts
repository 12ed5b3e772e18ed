// Flushing a whole volume by one call, which only the native addon can make, and only on Linux: ten thousand
// small files then take one commit instead of one each.

import { diskFault } from "./disk_faults.ts";
import { nativeDisk } from "./native_disk.ts";

/** See Disk.syncVolume. */
export async function syncVolume(path: string): Promise<boolean> {
  const native = nativeDisk();
  if (native.syncVolume === undefined) return false;
  try {
    await native.syncVolume(path);
    return true;
  } catch (error) {
    throw diskFault(error, path);
  }
}
