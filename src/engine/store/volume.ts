// What a volume can hold, found out by making files on it: whether it takes `a` and `A` for one name, two
// spellings of `é` for one, and whether it has Windows' rules. Asking for the system or the type of the file
// system would guess: folders can differ within one volume, and a network share has its server's rules.

import { join } from "node:path";
import { isPliError } from "../errors.ts";
import type { Disk } from "../ports.ts";

export interface Volume {
  /** `Makefile` and `makefile` are one file. */
  foldsCase: boolean;
  /** `é` as one character and as `e` with an accent are one name. */
  normalizes: boolean;
  /** Names that Windows has no room for (`a:b`, a final dot) cannot be made, or become something else. */
  restrictsNames: boolean;
}

const PROBE = "probe-\u00e9";
/** Windows would make this a stream of a file `probe`, other servers drop the dot. */
const RESTRICTED_PROBE = "probe: .";

/** Tries names out in a folder of ours, and leaves nothing there. Throws `disk_*`. */
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
 * What the volume sees in a part of a name: two parts with the same key may be one file there. Where volumes
 * differ in detail (`ß` and `SS`, characters without width), this takes too much for the same rather than
 * too little: the price is a number in a name.
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
    if (isPliError(error, "disk_failed")) return false;
    throw error;
  }
  return (await disk.list(folder)).includes(name);
}

async function make(disk: Disk, path: string): Promise<void> {
  await (await disk.open(path, "create"))?.close();
}
