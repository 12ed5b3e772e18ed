// Whether a folder is still the folder that it was. Paths are looked up again at every use, so a folder that
// was swapped for a symlink would send files elsewhere; asking before and after each use leaves an attacker
// nothing but the moment in between, and what was made in that moment is taken back.

import { join } from "node:path";
import { PliError } from "../errors.ts";
import type { Disk, FileStatus } from "../ports.ts";
import { outcomeOf } from "./outcome.ts";

/** Whether two statuses are of one file. Systems that number no files give 0, and nothing speaks against. */
export function isSameFile(a: FileIdentity, b: FileIdentity): boolean {
  return a.inode === 0 || b.inode === 0 || (a.inode === b.inode && a.device === b.device);
}

export type FileIdentity = Pick<FileStatus, "inode" | "device">;

/** A folder, as it was found first. */
export class Anchor {
  private constructor(readonly disk: Disk, readonly path: string, readonly status: FileStatus) {}

  /** Remembers a folder. Throws `destination_not_folder` when it is none, or a symlink to one. */
  static async at(disk: Disk, path: string): Promise<Anchor> {
    return Anchor.of(disk, path, await disk.status(path));
  }

  /** Remembers a folder by what was found at its path. Throws as `at` does. */
  static of(disk: Disk, path: string, status: FileStatus | null): Anchor {
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
    return this.isIt(await this.disk.status(this.path));
  }

  /** Throws `destination_not_folder` when the path no longer leads to this folder. */
  async check(): Promise<void> {
    if (!await this.holds()) throw new PliError("destination_not_folder", { path: this.path });
  }

  /** Whether that, found at its path, is this folder. */
  isIt(status: FileStatus | null): boolean {
    return status?.kind === "folder" && isSameFile(status, this.status);
  }
}

/** Checks many, all on one disk. Throws `destination_not_folder` when one no longer holds, `disk_*`. */
export async function checkAnchors(disk: Disk, anchors: readonly Anchor[]): Promise<void> {
  const found = await disk.statuses(anchors.map(({ path }) => path));
  anchors.forEach((anchor, at) => {
    const path = anchor.path;
    if (!anchor.isIt(outcomeOf(found[at]))) throw new PliError("destination_not_folder", { path });
  });
}
