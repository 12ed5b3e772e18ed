// Standard input as a file, because a ticket can only be made of bytes that can be read again: a folder of
// its own in pli's home, removed at the end. What processes left that died is removed when the next one
// spools; a lock beside each folder tells which ones live.

import { join } from "node:path";
import { PliError } from "../engine/mod.ts";
import { homeFault } from "./errors.ts";
import type { Home } from "./home.ts";
import { Lock } from "./lock.ts";

const LOCK = ".lock";

/** A spooled file; disposing removes it. */
export class Spool implements AsyncDisposable {
  private constructor(readonly path: string, readonly folder: string, readonly lock: Lock) {}

  /** An empty spool for a file of this name (one part, as the user gave it). Throws `home_*`. */
  static async create(home: Home, name: string): Promise<Spool> {
    const parent = await home.folder("spool");
    await removeLeftovers(parent);
    const folder = join(parent, crypto.randomUUID());
    // The lock comes first: a folder whose lock is free is a leftover.
    const lock = await Lock.tryTake(folder + LOCK);
    if (lock === null) throw homeFault(new Error("a new lock is held"), folder);
    try {
      await Deno.mkdir(folder, { mode: 0o700 });
    } catch (error) {
      lock[Symbol.dispose]();
      throw homeFault(error, folder);
    }
    return new Spool(join(folder, name), folder, lock);
  }

  /** Writes everything that comes, until it ends. Throws `cancelled`, `home_*`. */
  async fill(input: ReadableStream<Uint8Array>, signal?: AbortSignal): Promise<void> {
    try {
      const file = await Deno.open(this.path, { createNew: true, write: true, mode: 0o600 });
      await input.pipeTo(file.writable, { signal });
    } catch (error) {
      if (signal?.aborted) throw new PliError("cancelled", {}, { cause: signal.reason });
      throw homeFault(error, this.path);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    using _lock = this.lock;
    await removeTree(this.folder);
  }
}

async function removeLeftovers(parent: string): Promise<void> {
  try {
    for await (const { name } of Deno.readDir(parent)) {
      const folder = join(parent, name.endsWith(LOCK) ? name.slice(0, -LOCK.length) : name);
      using lock = await Lock.tryTake(folder + LOCK);
      if (lock !== null) await removeTree(folder);
    }
  } catch (error) {
    throw homeFault(error, parent);
  }
}

async function removeTree(folder: string): Promise<void> {
  try {
    await Deno.remove(folder, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw homeFault(error, folder);
  }
}
