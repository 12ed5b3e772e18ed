// Renames a file or folder. On Windows the calls of Deno and of Node.js let a folder replace a file of the new name, so
// a folder is moved by a call that refuses a taken name. Where that call is missing (Node.js), the name is checked
// before.

import { resolve, toNamespacedPath } from "node:path";
import { SYSTEM } from "../system.ts";
import { moveToFreeName } from "../native/windows_move.ts";
import { statusOf } from "./file_status.ts";
import { systemError } from "./native_disk.ts";
import { platform } from "./platform.ts";

/** ERROR_ALREADY_EXISTS. */
const TAKEN = 183;

/** As the system's rename on Unix: a folder replaces no file. Throws the system's errors. */
export async function move(from: string, to: string): Promise<void> {
  if (SYSTEM !== "windows" || (await platform.status(from)).kind !== "folder") {
    return await platform.rename(from, to);
  }
  const error = moveToFreeName(toNamespacedPath(resolve(from)), toNamespacedPath(resolve(to)));
  if (error === 0) return;
  if (await statusOf(to) !== null) throw systemError(TAKEN);
  if (error !== null) throw systemError(error);
  await platform.rename(from, to);
}
