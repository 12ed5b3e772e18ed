// Standard input as a file, because a ticket needs bytes that can be read again. It has a folder of its own in
// PLI_HOME, which is removed at the end, also when the process exits at once. What a killed process left is removed by
// the next pli that opens the home (home.ts).

import { join } from "node:path";
import { PliError } from "../engine/mod.ts";
import { homeFault } from "./errors.ts";
import { ProcessFolder } from "./process_folder.ts";
import type { Home } from "./home.ts";
import { wholeWrites } from "./whole_writes.ts";

/** The input cannot be read: an error that is not of pli's folder. The cause has the system's text. */
export class InputFailed extends Error {
  override readonly name = "InputFailed";
}

/** A spooled file; disposing removes it. */
export class Spool implements AsyncDisposable {
  private constructor(readonly path: string, readonly folder: ProcessFolder) {}

  /** An empty spool for a file of this name (one part, as the user gave it). Throws `home_*`. */
  static async create(home: Home, name: string): Promise<Spool> {
    const parent = await home.folder("spool");
    const folder = await ProcessFolder.create(parent);
    return new Spool(join(folder.path, name), folder);
  }

  /** Writes the input to its end. Throws InputFailed, `cancelled`, `home_*`. */
  async fill(input: ReadableStream<Uint8Array>, signal?: AbortSignal): Promise<void> {
    try {
      const file = await Deno.open(this.path, { createNew: true, write: true, mode: 0o600 });
      await withOwnErrors(input).pipeTo(wholeWrites(file), { signal });
    } catch (error) {
      if (signal?.aborted) throw new PliError("cancelled", {}, { cause: signal.reason });
      throw error instanceof InputFailed ? error : homeFault(error, this.path);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.folder[Symbol.asyncDispose]();
  }
}

/** The same bytes. Errors of the input are InputFailed, which distinguishes them from those of writing. */
function withOwnErrors(input: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const reader = input.getReader();
  return new ReadableStream({
    pull: async (controller) => {
      const { value, done } = await reader.read().catch((cause) => {
        throw new InputFailed("the input cannot be read", { cause });
      });
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
}
