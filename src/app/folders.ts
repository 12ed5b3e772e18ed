// Lists this computer's folders, for choosing what to send.

import { dirname, join } from "node:path";
import type { FolderEntry, FolderListing } from "./views.ts";

/** Maximum number of listed names. */
const MAXIMUM_ENTRIES = 5_000;
const DRIVE_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
/** Maximum time for the answer of a drive. */
const DRIVE_MS = 1_000;

/** Lists a folder: folders first, then files, by name; nothing else. Throws Deno's errors for the path. */
export async function listFolder(path: string, places: FolderListing["places"]): Promise<FolderListing> {
  const real = await Deno.realPath(path);
  const entries: FolderEntry[] = [];
  let isCut = false;
  for await (const { name } of Deno.readDir(real)) {
    if (entries.length === MAXIMUM_ENTRIES) {
      isCut = true;
      break;
    }
    const entry = await entryOf(real, name);
    if (entry !== null) entries.push(entry);
  }
  const order = new Intl.Collator(undefined, { numeric: true });
  const rank = ({ kind, name }: FolderEntry) => (name.startsWith(".") ? 2 : 0) + (kind === "folder" ? 0 : 1);
  entries.sort((a, b) => rank(a) - rank(b) || order.compare(a.name, b.name));
  const parent = dirname(real);
  return { path: real, parent: parent === real ? null : parent, entries, isCut, places };
}

/** The roots of this computer's folders: "/", or on Windows each drive that answers. */
export async function roots(os: typeof Deno.build.os = Deno.build.os): Promise<FolderListing["places"]> {
  if (os !== "windows") return [{ kind: "computer", path: "/" }];
  const drives = Array.from(DRIVE_LETTERS, (letter) => `${letter}:\\`);
  const answers = await Promise.all(drives.map(answersInTime));
  return drives.filter((_, at) => answers[at]).map((path) => ({ kind: "drive", path }));
}

/** A drive of the network may be out of reach. */
async function answersInTime(path: string): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<false>((resolve) => timer = setTimeout(resolve, DRIVE_MS, false));
  try {
    return await Promise.race([isThere(path), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A folder itself, or the folder of a file; null if neither exists. */
export async function folderOf(path: string): Promise<string | null> {
  try {
    return (await Deno.stat(path)).isDirectory ? path : dirname(path);
  } catch {
    return null;
  }
}

/** Whether a path exists. */
export async function isThere(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}

/** Removes an empty folder of this user; any other stays. */
export async function removeIfEmpty(folder: string): Promise<void> {
  await Deno.remove(folder).catch(() => {});
}

/** A link counts as its target. Null for what cannot be sent or read. */
async function entryOf(folder: string, name: string): Promise<FolderEntry | null> {
  try {
    const { isFile, isDirectory, size } = await Deno.stat(join(folder, name));
    if (isDirectory) return { name, kind: "folder", bytes: 0 };
    return isFile ? { name, kind: "file", bytes: size } : null;
  } catch {
    return null;
  }
}
