// The naming rules of a volume, found by creating files on it: whether `a` and `A` are one name, whether two spellings
// of `é` are one, and whether it has Windows' rules. The system or the file system's type do not decide this: folders
// of one volume can differ, and a network share has the rules of its server.

import { join } from "../paths.ts";
import { isPliError } from "../errors.ts";
import type { Disk } from "../ports.ts";

export interface Volume {
  /** `Makefile` and `makefile` are one file. */
  foldsCase: boolean;
  /** `é` as one character and as `e` with an accent are one name. */
  normalizes: boolean;
  /** Names that Windows does not support (`a:b`, a final dot) cannot be created, or become other names. */
  restrictsNames: boolean;
}

const PROBE = "probe-\u00e9";
/** Windows would create a stream of a file `probe`, other servers drop the dot. */
const RESTRICTED_PROBE = "probe: .";

/** Tries names in a folder of pli's and removes them. Throws `disk_*`. */
export async function probeVolume(disk: Disk, folder: string): Promise<Volume> {
  const place = join(folder, "probe");
  await disk.removeTree(place);
  await disk.makeFolder(place);
  try {
    const isThere = async (name: string): Promise<boolean> => await disk.status(join(place, name)) !== null;
    await make(disk, join(place, PROBE));
    const foldsCase = await isThere("PROBE-\u00e9");
    const normalizes = await isThere("probe-e\u0301");
    return { foldsCase, normalizes, restrictsNames: !await holds(disk, place, RESTRICTED_PROBE) };
  } finally {
    await disk.removeTree(place);
  }
}

/**
 * The key of a part of a name: two parts with equal keys may be one file on the volume. Where volumes differ in detail
 * (`ß` and `SS`, zero-width characters), too many are equal rather than too few, which only costs a number in a name.
 */
export function nameKey(part: string, volume: Volume): string {
  let key = volume.normalizes ? part.normalize("NFD") : part;
  if (volume.foldsCase) key = key.toUpperCase().toLowerCase();
  if (volume.normalizes) key = key.normalize("NFD").replace(/\p{Default_Ignorable_Code_Point}/gu, "");
  return key;
}

async function holds(disk: Disk, folder: string, name: string): Promise<boolean> {
  try {
    await make(disk, join(folder, name));
  } catch (error) {
    if (isPliError(error, "disk_name_invalid") || isPliError(error, "disk_failed")) return false;
    throw error;
  }
  return (await disk.list(folder)).includes(name);
}

async function make(disk: Disk, path: string): Promise<void> {
  await (await disk.open(path, "create"))?.close();
}
