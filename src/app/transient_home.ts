// A home for one run, in the system's folder for temporary files, removed with its content. One that a killed process
// left is removed by the next process that creates one; a lock in each shows which are in use.

import { tmpdir } from "node:os";
import { join } from "node:path";
import { ownUser } from "../engine/disk/own_user.ts";
import { homeFault } from "./errors.ts";
import { Home } from "./home.ts";
import { Lock } from "./lock.ts";
import type { OnNotice } from "./notices.ts";
import { namesIn } from "./private_files.ts";
import { kindOf } from "./set_aside.ts";

const PREFIX = "pli-home-";
const LOCK = "run.lock";

export class TransientHome implements AsyncDisposable {
  /** The only clean-up of a process that exits at once, by a second signal or after its timeout. */
  readonly #removeNow = () => {
    this.#lock?.[Symbol.dispose]();
    Deno.removeSync(this.home.path, { recursive: true });
  };
  readonly #lock: Lock | null;

  private constructor(readonly home: Home, lock: Lock | null) {
    this.#lock = lock;
    addEventListener("unload", this.#removeNow);
  }

  /** Creates one in a folder. Throws `home_*`. */
  static async create(notify?: OnNotice, parent = tmpdir()): Promise<TransientHome> {
    await removeLeftovers(parent);
    const path = await Deno.makeTempDir({ dir: parent, prefix: PREFIX }).catch((error) => {
      throw homeFault(error, parent);
    });
    const home = await Home.open((name) => name === "PLI_HOME" ? path : undefined, notify);
    return new TransientHome(home, await Lock.tryTake(join(path, LOCK)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#lock?.[Symbol.dispose]();
    await Deno.remove(this.home.path, { recursive: true });
    removeEventListener("unload", this.#removeNow);
  }
}

/** A folder that cannot be removed stays and does no harm. */
async function removeLeftovers(parent: string): Promise<void> {
  const names = await namesIn(parent).catch(() => []);
  for (const name of names.filter((name) => name.startsWith(PREFIX))) {
    await removeIfFree(join(parent, name)).catch(() => {});
  }
}

/** All users can write to the parent, so only folders that no other user can enter are examined. */
async function removeIfFree(path: string): Promise<void> {
  const { isDirectory, uid, mode } = await Deno.lstat(path);
  if (!isDirectory) return;
  if (Deno.build.os !== "windows" && (uid !== ownUser() || ((mode ?? 0) & 0o077) !== 0)) return;
  // A folder without a lock is being created or removed.
  if (kindOf(join(path, LOCK)) !== "file") return;
  const lock = await Lock.tryTake(join(path, LOCK));
  if (lock === null) return;
  lock[Symbol.dispose]();
  await Deno.remove(path, { recursive: true });
}
