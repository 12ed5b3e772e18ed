// Dropped files with their names in the tree: `photos/2024/a.jpg`. The browser lists a folder in parts of at most 100
// entries, and invalidates the items after the event.

/// <reference lib="dom" />

import type { Skipped } from "../contract.ts";

/** Number of skipped names that are shown for each reason, and how much of each. */
const NAMES_SHOWN = 20;
const NAME_SHOWN_LENGTH = 1_000;
/** Maximum of the usual file systems, and of a collection. */
const PART_MAXIMUM_BYTES = 255;
const NAME_MAXIMUM_BYTES = 4_096;
const MAXIMUM_PARTS = 256;

export interface DroppedFile {
  /** Parts separated by `/`. */
  name: string;
  file: File;
}

export interface Dropped {
  files: readonly DroppedFile[];
  /** The files that cannot be sent. */
  skipped: readonly Skipped[];
}

interface LeftOut {
  name: string;
  reason: Skipped["reason"];
}

/** The used part of FileSystemEntry, so that tests can create some. */
export type Entry = FileEntry | FolderEntry;
export interface FileEntry {
  readonly isDirectory: false;
  readonly name: string;
  file(onFile: (file: File) => void, onError: (error: unknown) => void): void;
}
export interface FolderEntry {
  readonly isDirectory: true;
  readonly name: string;
  createReader(): {
    readEntries(onEntries: (entries: readonly Entry[]) => void, onError: (error: unknown) => void): void;
  };
}

/** The entries of a drop. Must be called during its event. */
export function entriesOf(items: DataTransferItemList): Entry[] {
  return [...items].flatMap((item) => {
    if (item.kind !== "file") return [];
    const entry = item.webkitGetAsEntry();
    if (entry !== null) return [entry as unknown as Entry];
    // What belongs to no file system, such as a picture of another page, is a single file.
    const file = item.getAsFile();
    return file === null ? [] : [{ isDirectory: false, name: file.name, file: (onFile) => onFile(file) }];
  });
}

/** Walks the entries, folder after folder. */
export async function readEntries(entries: readonly Entry[]): Promise<Dropped> {
  const files: DroppedFile[] = [];
  const leftOut: LeftOut[] = [];
  const folders: { name: string; folder: FolderEntry }[] = [];

  const take = async (entry: Entry, name: string) => {
    if (entry.isDirectory) {
      folders.push({ name, folder: entry });
      return;
    }
    try {
      files.push({ name, file: await new Promise<File>((resolve, reject) => entry.file(resolve, reject)) });
    } catch {
      leftOut.push({ name, reason: "unreadable" });
    }
  };

  for (const entry of entries) await take(entry, entry.name);
  // A list instead of recursion, for trees of any depth.
  for (let next = folders.shift(); next !== undefined; next = folders.shift()) {
    try {
      const children = await listFolder(next.folder);
      if (children.length === 0) leftOut.push({ name: next.name, reason: "empty_folder" });
      await Promise.all(children.map((child) => take(child, `${next.name}/${child.name}`)));
    } catch {
      leftOut.push({ name: next.name, reason: "unreadable" });
    }
  }
  return sendable(files, leftOut);
}

async function listFolder(folder: FolderEntry): Promise<Entry[]> {
  const reader = folder.createReader();
  const all: Entry[] = [];
  for (;;) {
    const part = await new Promise<readonly Entry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject)
    );
    if (part.length === 0) return all;
    all.push(...part);
  }
}

/** Files of a file chooser, without a tree. */
export function readFiles(files: readonly File[]): Dropped {
  const named = files.map((file) => ({ name: file.webkitRelativePath || file.name, file }));
  return sendable(named, []);
}

function sendable(files: readonly DroppedFile[], leftOut: readonly LeftOut[]): Dropped {
  const all = [...leftOut];
  const sent = files.filter(({ name }) => {
    const reason = nameReason(name);
    if (reason !== null) all.push({ name, reason });
    return reason === null;
  });
  const skipped = [...Map.groupBy(all, ({ reason }) => reason)].map(([reason, some]) => ({
    reason,
    count: some.length,
    names: some.slice(0, NAMES_SHOWN).map(({ name }) => name.slice(0, NAME_SHOWN_LENGTH)),
  }));
  return { files: withoutDoubles(sent), skipped };
}

/**
 * The reason for which receivers refuse a name; null if they do not. A backslash is valid here and a separator
 * elsewhere.
 */
function nameReason(name: string): LeftOut["reason"] | null {
  const bytesOf = (text: string) => new TextEncoder().encode(text).length;
  if (/[\\\0]/.test(name) || !name.isWellFormed()) return "name_not_portable";
  const parts = name.split("/");
  if (parts.length > MAXIMUM_PARTS) return "too_deep";
  const isTooLong = bytesOf(name) > NAME_MAXIMUM_BYTES ||
    parts.some((part) => bytesOf(part) > PART_MAXIMUM_BYTES);
  return isTooLong ? "name_too_long" : null;
}

/** Numbers equal names of files from several places. */
function withoutDoubles(files: readonly DroppedFile[]): DroppedFile[] {
  const taken = new Set<string>();
  return files.map(({ name, file }) => {
    let free = name;
    for (let number = 2; taken.has(free); number++) free = numbered(name, number);
    taken.add(free);
    return { name: free, file };
  });
}

function numbered(name: string, number: number): string {
  const dot = name.lastIndexOf(".");
  const hasEnding = dot > name.lastIndexOf("/") + 1;
  return hasEnding ? `${name.slice(0, dot)} (${number})${name.slice(dot)}` : `${name} (${number})`;
}
