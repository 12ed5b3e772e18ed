// Receiving a collection in one call, or beginning to, for tests that look at what is there afterwards.

import { wasmHasher } from "../../../src/engine/blake3/wasm_hasher.ts";
import { Landing, type LandingOptions } from "../../../src/engine/store/landing.ts";
import type { MemoryDisk } from "../../fakes/memory_disk.ts";
import type { Disk } from "../../../src/engine/ports.ts";

export const ROOT_HASH: Uint8Array = new Uint8Array(32).fill(0xab);
const hasher = wasmHasher();
export const STAGING = ".pli-abababababababab";

export interface Landed {
  names: string[];
  fetched: readonly number[];
  /** `from -> to` and `name reason`, in order. */
  events: string[];
}

/** Receives files, given by name and content, into `/in`. */
export function land(
  disk: Disk,
  content: Readonly<Record<string, string>>,
  options: Partial<LandingOptions> = {},
): Promise<Landed> {
  return landInto("/in", disk, content, options);
}

/** Receives files into a folder; gives up, and throws, when anything fails. */
export async function landInto(
  folder: string,
  disk: Disk,
  content: Readonly<Record<string, string>>,
  options: Partial<LandingOptions> = {},
): Promise<Landed> {
  const events: string[] = [];
  const bytes = Object.values(content).map((text) => new TextEncoder().encode(text));
  const landing = await Landing.open({
    disk,
    hasher,
    folder,
    rootHash: ROOT_HASH,
    existing: "merge",
    sameContent: async (path, file) => await read(disk, path) === content[file.name],
    onEvent: (event) => {
      if (event.type === "renamed") events.push(`${event.from} -> ${event.to}`);
      if (event.type === "skipped") events.push(`${event.name} ${event.reason}`);
    },
    ...options,
  });
  try {
    const { wanted: fetched } = await landing.plan(
      Object.keys(content).map((name, at) => ({ name, sizeBytes: bytes[at].length, hash: ROOT_HASH })),
    );
    await landing.resume();
    for (const index of fetched) {
      if (bytes[index].length > 0) await landing.write(index, 0, bytes[index]);
      await landing.finish(index);
    }
    return { names: await landing.publish(), fetched, events };
  } finally {
    await landing.abandon();
  }
}

/** A landing in `/in` for tests that take the steps themselves. */
export function openLanding(
  disk: Disk,
  signal?: AbortSignal,
  sameContent: () => Promise<boolean> = () => Promise.resolve(false),
): Promise<Landing> {
  const onEvent = (): void => {};
  return Landing.open({
    disk,
    hasher,
    folder: "/in",
    rootHash: ROOT_HASH,
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

/** All that is below a folder but for staging folders, in which unfinished downloads wait. */
export function published(disk: MemoryDisk, path: string): string[] {
  return disk.tree(path).filter((line) => !/(^|\/)\.pli-/.test(line));
}
