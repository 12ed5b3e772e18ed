// The target of a download, with one interface: a folder, or a function that gets one file's bytes in order.

import { join } from "../../paths.ts";
import { orAborted, throwIfAborted } from "../../abort.ts";
import { isPliError, PliError } from "../../errors.ts";
import type { Destination, DiscardOptions, FetchOptions, Place, Ports } from "../../options.ts";
import type { VolumeRoom } from "../../ports.ts";
import { blobOf, hashFile } from "../../store/hash_file.ts";
import type { DownloadPlan } from "../../store/download_plan.ts";
import { StagedDownload } from "../../store/staged_download.ts";
import { type Piece, wholePiece } from "../../store/pieces.ts";
import { Staging } from "../../store/staging.ts";
import { equalBytes } from "../../bytes/equal.ts";
import type { Sink, WholeFile } from "./segment_download.ts";
import type { Listed } from "../../listed.ts";
import type { Manifest } from "./manifest.ts";
import type { RemoteFile } from "./remote_files.ts";

export interface Target extends Sink {
  /** Plans the download. With `name` there is one file, which gets this name in the destination. */
  plan(files: Listed<RemoteFile>, name: string | null): Promise<DownloadPlan>;
  /** The missing pieces, by ascending index, after the data of an earlier run was checked. */
  resume(onChecked: (bytes: number) => void): Promise<Piece[]>;
  /** The free room of the volume; null if it is unknown. */
  room(): Promise<VolumeRoom | null>;
  /** Number of folders that do not exist yet. */
  missingFolders(): Promise<number>;
  /** Whether data of lost files can be kept for a later download. */
  readonly canKeepLost: boolean;
  /** Publishes the files and returns the names in the destination, as `StagedDownload.publish` does. */
  publish(lost: ReadonlySet<number>, isLostKept: boolean): Promise<string[]>;
  abandon(): Promise<void>;
  /** An error in terms of paths that the user knows. */
  withUserPaths(error: unknown): Promise<unknown>;
}

export async function openTarget(ports: Ports, options: FetchOptions, rootHash: Uint8Array): Promise<Target> {
  const { destination, onEvent, signal } = options;
  if (destination.kind === "bytes") {
    return new ByteTarget((bytes) => orAborted(destination.write(bytes), signal));
  }
  const { disk, hasher } = ports;
  const sameContent = async (path: string, { name, hash }: { name: string; hash: Uint8Array }) => {
    try {
      const file = { disk, hasher, name, path };
      return equalBytes(blobOf(file, await hashFile({ ...file, signal })).hash, hash);
    } catch (error) {
      throwIfAborted(signal);
      // A file that is unreadable or changes meanwhile does not count as equal.
      if (isPliError(error)) return false;
      throw error;
    }
  };
  const { folder, existing } = destination;
  return await StagedDownload.open({
    disk,
    hasher,
    folder,
    rootHash,
    existing,
    sameContent,
    onEvent,
    signal,
  });
}

/** The place of a share with these files; undefined if its bytes go to a function. */
export function placeOf(destination: Destination, { files, lost }: Manifest): Place | undefined {
  if (destination.kind === "bytes") return undefined;
  const { folder, name } = destination;
  if (name === undefined) return { folder, name: null };
  const isOneFile = files.length === 1 && lost.length === 0 && !files.at(0)!.name.includes("/");
  return isOneFile ? { folder, name } : { folder: join(folder, name), name: null };
}

/** See Engine.discard. */
export async function discardDownload({ disk }: Ports, { ticket, folder }: DiscardOptions): Promise<void> {
  const path = await disk.realPath(folder);
  if (path === null) return;
  const { hash: rootHash } = ticket;
  const staging = await Staging.takeExisting({ disk, destination: path, rootHash, onEvent: () => {} });
  await staging?.remove();
}

/** The target, or another one if the share goes into a folder other than the opened one. */
export async function movedTo(
  place: Place | undefined,
  target: Target,
  ports: Ports,
  options: FetchOptions,
  rootHash: Uint8Array,
): Promise<Target> {
  const { destination } = options;
  if (destination.kind === "bytes" || place === undefined || place.folder === destination.folder) {
    return target;
  }
  await target.abandon();
  const moved = { ...destination, folder: place.folder };
  return await openTarget(ports, { ...options, destination: moved }, rootHash);
}

/** One file, in order: one stream delivers its leaves that way. */
class ByteTarget implements Target {
  readonly #write: (bytes: Uint8Array) => Promise<void>;
  /** Offset of the next bytes to write. */
  #nextBytes = 0;
  #pieces: Piece[] = [];
  readonly canKeepLost = false;
  /** The last call of `write`. After a failed one no other follows. */
  #tail: Promise<void> = Promise.resolve();

  constructor(write: (bytes: Uint8Array) => Promise<void>) {
    this.#write = write;
  }

  plan(files: Listed<RemoteFile>): Promise<DownloadPlan> {
    if (files.length !== 1) return Promise.reject(new PliError("not_one_file", { files: files.length }));
    this.#pieces = [wholePiece(0, files.at(0)!)];
    return Promise.resolve({ indices: [0], overwritten: [], isPart: false });
  }

  resume(): Promise<Piece[]> {
    return Promise.resolve(this.#pieces);
  }

  room(): Promise<null> {
    return Promise.resolve(null);
  }

  missingFolders(): Promise<number> {
    return Promise.resolve(0);
  }

  prove(): void {
    // Standard output cannot be read again.
  }

  async write(_index: number, offsetBytes: number, bytes: Uint8Array): Promise<void> {
    if (offsetBytes > this.#nextBytes) throw new PliError("internal", { what: "bytes out of order" });
    // After a broken connection a block is delivered again from its beginning.
    const fresh = bytes.subarray(this.#nextBytes - offsetBytes);
    this.#nextBytes += fresh.length;
    // The next piece may arrive while this one is being written.
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

  withUserPaths(error: unknown): Promise<unknown> {
    return Promise.resolve(error);
  }

  abandon(): Promise<void> {
    return Promise.resolve();
  }
}
