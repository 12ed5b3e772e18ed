// Standard input as a file, because a ticket can only be made of bytes that can be read again: a folder of
// its own in pli's home, removed at the end. What processes left that died is removed when the next one
// spools; a lock beside each folder tells which ones live.

import { join } from "node:path";
import { PliError } from "../engine/mod.ts";
import { homeFault } from "./errors.ts";
import { HeldFolder } from "./held_folder.ts";
import type { Home } from "./home.ts";

/** A spooled file; disposing removes it. */
export class Spool implements AsyncDisposable {
  private constructor(readonly path: string, readonly folder: HeldFolder) {}

  /** An empty spool for a file of this name (one part, as the user gave it). Throws `home_*`. */
  static async create(home: Home, name: string): Promise<Spool> {
    const parent = await home.folder("spool");
    await HeldFolder.removeLeftovers(parent);
    const folder = await HeldFolder.create(parent);
    return new Spool(join(folder.path, name), folder);
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
    await this.folder[Symbol.asyncDispose]();
  }
}
