// Links or renames a file or folder out of a known folder through a descriptor of it, which only the native addon can
// do, on Linux. So the published file is the one in that folder, whatever its path leads to. On other systems a path
// is used, and the caller checks the published file afterwards.

import { basename, dirname } from "node:path";
import { PliError } from "../errors.ts";
import type { FileIdentity } from "../ports.ts";
import { MISSING, systemCode } from "./disk_faults.ts";
import { statusOf } from "./file_status.ts";
import { move } from "./move.ts";
import { type NativeDisk, systemError } from "./native_disk.ts";
import { platform } from "./platform.ts";

const OTHER_FOLDER = -1;
const NO_FOLDER: ReadonlySet<string> = new Set([...MISSING, "ELOOP"]);

/**
 * Links `from` to `to`, or moves it. Throws the system's errors, and `destination_changed` when the folder of `from` has
 * another identity than `within`.
 */
export async function publish(
  native: NativeDisk,
  from: string,
  to: string,
  within: FileIdentity | undefined,
  moves: boolean,
): Promise<void> {
  if (within === undefined || native.publish === undefined) {
    return await (moves ? move(from, to) : platform.link(from, to));
  }
  const [folder, part] = [dirname(from), basename(from)];
  const number = await native.publish(folder, within.inode, within.device, part, to, moves);
  if (number === 0) return;
  const error = systemError(number);
  // The folder's name is that of a symlink or a file, or does not exist.
  const isOther = number === OTHER_FOLDER ||
    (NO_FOLDER.has(systemCode(error)) && !await isSameFolder(folder, within));
  throw isOther ? new PliError("destination_changed", { path: folder }) : error;
}

async function isSameFolder(folder: string, { inode, device }: FileIdentity): Promise<boolean> {
  const found = await statusOf(folder);
  return found?.kind === "folder" && found.inode === inode && found.device === device;
}
