// What was dropped, as files with their names in the tree: `photos/2024/a.jpg`. The browser lists a folder in
// parts of at most 100 entries, and gives the items away as soon as the event is over.

/// <reference lib="dom" />

import type { Skipped } from "../contract.ts";

/** Names that are told of those that are left out for one reason, and how much of each. */
const NAMES_TOLD = 20;
const NAME_TOLD = 1_000;
/** What the usual file systems can hold, and what a collection may carry. */
const PART_MAXIMUM_BYTES = 255;
const NAME_MAXIMUM_BYTES = 4_096;

export interface DroppedFile {
  /** Parts separated by `/`. */
  name: string;
  file: File;
}

export interface Dropped {
  files: readonly DroppedFile[];
  /** What cannot be sent. */
  skipped: readonly Skipped[];
}

interface LeftOut {
  name: string;
  reason: Skipped["reason"];
}

/** As much of FileSystemEntry as is used, so that tests can make some. */
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

/** The entries of a drop; to be called while its event is handled. */
export function entriesOf(items: DataTransferItemList): Entry[] {
  return [...items].flatMap((item) => {
    if (item.kind !== "file") return [];
    const entry = item.webkitGetAsEntry();
    if (entry !== null) return [entry as unknown as Entry];
    // What is no part of a file system, a picture dragged out of another page, is a file alone.
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
  // A list instead of a recursion: nothing is too deep.
  for (let next = folders.shift(); next !== undefined; next = folders.shift()) {
    try {
      const children = await listFolder(next.folder);
      if (children.length === 0) leftOut.push({ name: next.name, reason: "empty_folder" });
      for (const child of children) await take(child, `${next.name}/${child.name}`);
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

/** Files of a file chooser: they have no tree. */
export function readFiles(files: readonly File[]): Dropped {
  const named = files.map((file) => ({ name: file.webkitRelativePath || file.name, file }));
  return sendable(named, []);
}

function sendable(files: readonly DroppedFile[], leftOut: readonly LeftOut[]): Dropped {
  const refused = files.filter(({ name }) => !isPortable(name));
  const all = [...leftOut, ...refused.map(({ name }) => ({ name, reason: "name_not_portable" as const }))];
  const skipped = [...Map.groupBy(all, ({ reason }) => reason)].map(([reason, some]) => ({
    reason,
    count: some.length,
    names: some.slice(0, NAMES_TOLD).map(({ name }) => name.slice(0, NAME_TOLD)),
  }));
  return { files: withoutDoubles(files.filter(({ name }) => isPortable(name))), skipped };
}

/** Whether receivers take a name: one with a backslash, legal as it is here, is a path elsewhere. */
function isPortable(name: string): boolean {
  const bytesOf = (text: string) => new TextEncoder().encode(text).length;
  return !/[\\\0]/.test(name) && name.isWellFormed() && bytesOf(name) <= NAME_MAXIMUM_BYTES &&
    name.split("/").every((part) => bytesOf(part) <= PART_MAXIMUM_BYTES);
}

/** Files from several places can have one name; the later ones get a number. */
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
