// Receives a collection in one call or in steps, for tests of the resulting disk.

import { wasmHasher } from "../../../src/engine/blake3/wasm_hasher.ts";
import { StagedDownload, type StagedDownloadOptions } from "../../../src/engine/store/staged_download.ts";
import type { MemoryDisk } from "../../fakes/memory_disk.ts";
import type { Disk } from "../../../src/engine/ports.ts";

export const ROOT_HASH: Uint8Array = new Uint8Array(32).fill(0xab);
const hasher = wasmHasher();
export const STAGING = `.pli-abababababababab-${"0".repeat(32)}`;

export interface Landed {
  names: string[];
  fetched: readonly number[];
  /** `from -> to` and `name reason`, in order. */
  events: string[];
}

/** Receives files, given by name and content, into `/in`. */
export function receiveStaged(
  disk: Disk,
  content: Readonly<Record<string, string>>,
  options: Partial<StagedDownloadOptions> = {},
): Promise<Landed> {
  return receiveStagedInto("/in", disk, content, options);
}

/** Receives files into a folder; abandons the download, and throws, after an error. */
export async function receiveStagedInto(
  folder: string,
  disk: Disk,
  content: Readonly<Record<string, string>>,
  options: Partial<StagedDownloadOptions> = {},
): Promise<Landed> {
  const events: string[] = [];
  const bytes = Object.values(content).map((text) => new TextEncoder().encode(text));
  const staged = await StagedDownload.open({
    disk,
    hasher,
    folder,
    rootHash: ROOT_HASH,
    stagingName: STAGING,
    existing: "merge",
    sameContent: async (path, file) => await read(disk, path) === content[file.name],
    onEvent: (event) => {
      if (event.type === "renamed") events.push(`${event.from} -> ${event.to}`);
      if (event.type === "skipped") events.push(`${event.name} ${event.reason}`);
    },
    ...options,
  });
  try {
    const { indices: fetched } = await staged.plan(
      Object.keys(content).map((name, at) => ({ name, sizeBytes: bytes[at].length, hash: ROOT_HASH })),
    );
    await staged.resume();
    for (const index of fetched) {
      if (bytes[index].length > 0) await staged.write(index, 0, bytes[index]);
      await staged.finish(index);
    }
    return { names: await staged.publish(), fetched, events };
  } finally {
    await staged.abandon();
  }
}

/** A staged download in `/in`, for tests that call its steps. */
export function openStaged(
  disk: Disk,
  signal?: AbortSignal,
  sameContent: () => Promise<boolean> = () => Promise.resolve(false),
  stagingName: string | null = STAGING,
): Promise<StagedDownload> {
  const onEvent = (): void => {};
  return StagedDownload.open({
    disk,
    hasher,
    folder: "/in",
    rootHash: ROOT_HASH,
    stagingName: stagingName ?? undefined,
    existing: "merge",
    sameContent,
    onEvent,
    signal,
  });
}

async function read(disk: Disk, path: string): Promise<string | null> {
  const file = await disk.open(path, "read");
  if (file === null) return null;
  const buffer = new Uint8Array((await file.status()).sizeBytes);
  await file.readAt(buffer, 0);
  await file.close();
  return new TextDecoder().decode(buffer);
}

/** The files below a folder, without staging folders of unfinished downloads. */
export function published(disk: MemoryDisk, path: string): string[] {
  return disk.tree(path).filter((line) => !/(^|\/)\.pli-/.test(line));
}
