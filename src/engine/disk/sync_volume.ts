// Flushes a whole volume by one call, which only the native addon has, and only on Linux: ten thousand small files
// then take one commit instead of one each.

import { diskFault } from "./disk_faults.ts";
import { type NativeDisk, systemError } from "./native_disk.ts";

/** See Disk.syncVolume. */
export async function syncVolume(native: NativeDisk, path: string): Promise<boolean> {
  if (native.syncVolume === undefined) return false;
  const number = await native.syncVolume(path);
  if (number !== 0) throw diskFault(systemError(number), path);
  return true;
}
