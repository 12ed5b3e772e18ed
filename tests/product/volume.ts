// Small volumes of memory (tmpfs) for tests of full, read-only and noexec disks. They need root.

import assert from "node:assert/strict";
import { NOT_ROOT, unlessSucceeds } from "../left_out.ts";

/** A small volume, which is removed at the end. */
export class Volume implements AsyncDisposable {
  private constructor(readonly path: string) {}

  static async make(path: string, options: string): Promise<Volume> {
    await Deno.mkdir(path);
    assert.ok(await mount(["-t", "tmpfs", "-o", options, "tmpfs", path]), options);
    return new Volume(path);
  }

  async become(options: string): Promise<void> {
    assert.ok(await mount(["-o", `remount,${options}`, this.path]), options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Deno.Command("umount", { args: ["-l", this.path], stderr: "null" }).output();
  }
}

async function mount(args: string[]): Promise<boolean> {
  const { success } = await new Deno.Command("mount", { args, stderr: "null" }).output();
  return success;
}

/** The reason for ignoring tests of a tmpfs; null where one can be mounted, in a mount namespace. */
export const NO_TMPFS = NOT_ROOT ??
  await unlessSucceeds(
    "no tmpfs can be mounted",
    "unshare",
    "--mount",
    "mount",
    "-t",
    "tmpfs",
    "tmpfs",
    "/mnt",
  );
