// Where a download goes, behind one shape: a folder, or one file's bytes in order to a function.

import { throwIfAborted } from "../abort.ts";
import { isPliError, PliError } from "../errors.ts";
import type { FetchOptions, Ports } from "../options.ts";
import { blobOf, hashFile } from "../store/hash_file.ts";
import { Landing, type LandingPlan } from "../store/landing.ts";
import { type Piece, wholePiece } from "../store/pieces.ts";
import { equalBytes } from "../bytes/equal.ts";
import type { Sink, WholeFile } from "./segment_download.ts";
import type { Listed } from "../listed.ts";
import type { RemoteFile } from "./remote_files.ts";

export interface Target extends Sink {
  /** Decides which of the files are to come. */
  plan(files: Listed<RemoteFile>): Promise<LandingPlan>;
  /** Tells what is missing of them, by rising index, after what an earlier run has left was checked. */
  resume(onChecked: (bytes: number) => void): Promise<Piece[]>;
  /** How much room there is for it; null where that cannot be told. */
  freeBytes(): Promise<number | null>;
  /** Gives the names that stand in the destination now. */
  publish(): Promise<string[]>;
  abandon(): Promise<void>;
}

export async function openTarget(ports: Ports, options: FetchOptions, rootHash: Uint8Array): Promise<Target> {
  const { destination, onEvent, signal } = options;
  if (destination.kind === "bytes") return new ByteTarget(destination.write);
  const { disk, hasher } = ports;
  const sameContent = async (path: string, { name, hash }: { name: string; hash: Uint8Array }) => {
    try {
      const file = { disk, hasher, name, path };
      return equalBytes(blobOf(file, await hashFile({ ...file, signal })).hash, hash);
    } catch (error) {
      throwIfAborted(signal);
      // What cannot be read, or changes meanwhile, is not known to be the same.
      if (isPliError(error)) return false;
      throw error;
    }
  };
  const { folder, existing } = destination;
  return await Landing.open({ disk, hasher, folder, rootHash, existing, sameContent, onEvent, signal });
}

/** One file, in order: its leaves come that way from one stream. */
class ByteTarget implements Target {
  readonly #write: (bytes: Uint8Array) => Promise<void>;
  /** Where the next bytes begin that anybody brings. */
  #nextBytes = 0;
  #pieces: Piece[] = [];
  /** The last call to write, also when it has failed: then no other follows it. */
  #tail: Promise<void> = Promise.resolve();

  constructor(write: (bytes: Uint8Array) => Promise<void>) {
    this.#write = write;
  }

  plan(files: Listed<RemoteFile>): Promise<LandingPlan> {
    if (files.length !== 1) return Promise.reject(new PliError("not_one_file", { files: files.length }));
    this.#pieces = [wholePiece(0, files.at(0)!)];
    return Promise.resolve({ wanted: [0], overwritten: [], isPart: false });
  }

  resume(): Promise<Piece[]> {
    return Promise.resolve(this.#pieces);
  }

  freeBytes(): Promise<null> {
    return Promise.resolve(null);
  }

  prove(): void {
    // Standard output is not read again.
  }

  async write(_index: number, offsetBytes: number, bytes: Uint8Array): Promise<void> {
    if (offsetBytes > this.#nextBytes) throw new PliError("internal", { what: "bytes out of order" });
    // After a broken connection a block comes again from its beginning.
    const fresh = bytes.subarray(this.#nextBytes - offsetBytes);
    this.#nextBytes += fresh.length;
    // The next piece may be brought while this one is being written.
    this.#tail = this.#tail.then(() => this.#write(fresh));
    await this.#tail;
  }

  async writeWhole(files: readonly WholeFile[]): Promise<void> {
    for (const { index, bytes } of files) await this.write(index, 0, bytes);
  }

  finish(): Promise<void> {
    return Promise.resolve();
  }

  publish(): Promise<string[]> {
    return Promise.resolve([]);
  }

  abandon(): Promise<void> {
    return Promise.resolve();
  }
}
