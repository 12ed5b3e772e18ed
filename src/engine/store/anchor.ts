// Detects that a folder was replaced. A path is resolved at every use, so a folder that was swapped for a symlink
// would redirect files. Checks before and after each use leave an attacker only the moment in between, and what was
// created in that moment is removed.

import { join } from "../paths.ts";
import { PliError } from "../errors.ts";
import type { Disk, FileIdentity, FileStatus } from "../ports.ts";
import { outcomeOf } from "./outcome.ts";

/** Whether two statuses are of one file. Systems that do not number files report 0, which equals everything. */
export function isSameFile(a: FileIdentity, b: FileIdentity): boolean {
  return a.inode === 0 || b.inode === 0 || (a.inode === b.inode && a.device === b.device);
}

/** A folder by the identity that it had when it was first found. */
export class Anchor {
  private constructor(readonly disk: Disk, readonly path: string, readonly status: FileStatus) {}

  /**
   * The anchor of a folder. Throws `destination_not_folder` for anything else, also a symlink to a folder, and
   * `destination_gone` when the path does not exist.
   */
  static async at(disk: Disk, path: string): Promise<Anchor> {
    return Anchor.of(disk, path, await disk.status(path));
  }

  /** The anchor of a folder with a known status. Throws as `at` does. */
  static of(disk: Disk, path: string, status: FileStatus | null): Anchor {
    if (status?.kind !== "folder") throw faultOf(path, status);
    return new Anchor(disk, path, status);
  }

  /** The anchor of a folder in this one. Throws `destination_not_folder` also when this one was swapped. */
  async child(part: string): Promise<Anchor> {
    const child = await Anchor.at(this.disk, join(this.path, part));
    await this.check();
    return child;
  }

  /** Whether the path still leads to this folder. */
  async isUnchanged(): Promise<boolean> {
    return this.isSameFolder(await this.disk.status(this.path));
  }

  /** Throws `destination_not_folder` or `destination_gone` when the path no longer leads to this folder. */
  async check(): Promise<void> {
    const status = await this.disk.status(this.path);
    if (!this.isSameFolder(status)) throw faultOf(this.path, status);
  }

  /** Whether a status is of this folder. */
  isSameFolder(status: FileStatus | null): boolean {
    return status?.kind === "folder" && isSameFile(status, this.status);
  }
}

/** The error for a path that does not lead to the folder any more. */
function faultOf(path: string, status: FileStatus | null): PliError {
  return new PliError(status === null ? "destination_gone" : "destination_not_folder", { path });
}

/** Checks many anchors on one disk. Throws as `Anchor.check` does, `disk_*`. */
export async function checkAnchors(disk: Disk, anchors: readonly Anchor[]): Promise<void> {
  const found = await disk.statuses(anchors.map(({ path }) => path));
  anchors.forEach((anchor, at) => {
    const status = outcomeOf(found[at]);
    if (!anchor.isSameFolder(status)) throw faultOf(anchor.path, status);
  });
}
