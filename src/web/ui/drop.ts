// What was dropped, as files with their names in the tree: `photos/2024/a.jpg`. The browser lists a folder in
// parts of at most 100 entries, and gives the items away as soon as the event is over.

/// <reference lib="dom" />

export interface DroppedFile {
  /** Parts separated by `/`. */
  name: string;
  file: File;
}

export interface Dropped {
  files: readonly DroppedFile[];
  emptyFolders: number;
  /** Names that could not be read. */
  unreadable: readonly string[];
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
  const unreadable: string[] = [];
  let emptyFolders = 0;
  const folders: { name: string; folder: FolderEntry }[] = [];

  const take = async (entry: Entry, name: string) => {
    if (entry.isDirectory) {
      folders.push({ name, folder: entry });
      return;
    }
    try {
      files.push({ name, file: await new Promise<File>((resolve, reject) => entry.file(resolve, reject)) });
    } catch {
      unreadable.push(name);
    }
  };

  for (const entry of entries) await take(entry, entry.name);
  // A list instead of a recursion: nothing is too deep.
  for (let next = folders.shift(); next !== undefined; next = folders.shift()) {
    try {
      const children = await listFolder(next.folder);
      if (children.length === 0) emptyFolders++;
      for (const child of children) await take(child, `${next.name}/${child.name}`);
    } catch {
      unreadable.push(next.name);
    }
  }
  return { files: withoutDoubles(files), emptyFolders, unreadable };
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
  return { files: withoutDoubles(named), emptyFolders: 0, unreadable: [] };
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
