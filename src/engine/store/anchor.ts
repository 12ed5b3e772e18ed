// Whether a folder is still the folder that it was. Paths are looked up again at every use, so a folder that
// was swapped for a symlink would send files elsewhere; asking before and after each use leaves an attacker
// nothing but the moment in between, and no byte is written or read in that moment.

import { join } from "node:path";
import { PliError } from "../errors.ts";
import type { Disk, FileStatus } from "../ports.ts";

/** Whether two statuses are of one file. Systems that number no files give 0, and nothing speaks against. */
export function isSameFile(a: FileStatus, b: FileStatus): boolean {
  return a.inode === 0 || b.inode === 0 || (a.inode === b.inode && a.device === b.device);
}

/** A folder, as it was found first. */
export class Anchor {
  private constructor(readonly disk: Disk, readonly path: string, readonly status: FileStatus) {}

  /** Remembers a folder. Throws `destination_not_folder` when it is none, or a symlink to one. */
  static async at(disk: Disk, path: string): Promise<Anchor> {
    const status = await disk.status(path);
    if (status?.kind !== "folder") throw new PliError("destination_not_folder", { path });
    return new Anchor(disk, path, status);
  }

  /** Remembers a folder in this one. Throws `destination_not_folder` also when this one was swapped. */
  async child(part: string): Promise<Anchor> {
    const child = await Anchor.at(this.disk, join(this.path, part));
    await this.check();
    return child;
  }

  /** Whether the path still leads to this folder. */
  async holds(): Promise<boolean> {
    const status = await this.disk.status(this.path);
    return status?.kind === "folder" && isSameFile(status, this.status);
  }

  /** Throws `destination_not_folder` when the path no longer leads to this folder. */
  async check(): Promise<void> {
    if (!await this.holds()) throw new PliError("destination_not_folder", { path: this.path });
  }
}
