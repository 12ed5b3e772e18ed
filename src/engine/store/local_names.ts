// Converts the names of a collection to names that one volume supports. A Linux tree with `aux.c`, and with `Makefile`
// beside `makefile`, is unchanged on Linux and arrives complete elsewhere, with every change reported. The rule
// applies to files and folders alike: entries of a folder that the volume would treat as one (`Dir` and `dir`) stay
// apart, in order of appearance, as `Dir` and `dir (2)`, and a folder keeps its content. So one folder of the sender
// is one folder here, and two are two.

import { complete, type Work } from "../work.ts";
import { windowsName } from "../windows_name.ts";
import { numberedName, shortened } from "./numbered_name.ts";
import { below, MAXIMUM_PART_BYTES } from "./names.ts";
import { nameKey, type Volume } from "./volume.ts";

/** Cost of listing an entry and of choosing its part, in units of `Work`. */
const ENTRY_UNITS = 256;
const PART_UNITS = 1_024;

export interface Renaming {
  from: string;
  to: string;
}

export interface LocalNames {
  /** One for each name, in the same order, with as many parts. */
  names: readonly string[];
  /** Files and folders whose last part changed, with their complete old and new names. */
  renamed: Renaming[];
}

/** A file or folder: a distinct part in its folder. The root is no entry and has the number 0. */
interface Entry {
  folder: number;
  part: string;
  kind: "file" | "folder";
  localPart: string;
}

/** The names, accepted by `checkNames`, converted for a volume. */
export function localNames(names: readonly string[], volume: Volume): LocalNames {
  return complete(choosingLocalNames(names, volume));
}

/** `localNames` in steps. */
export function* choosingLocalNames(names: readonly string[], volume: Volume): Work<LocalNames> {
  if (!volume.foldsCase && !volume.normalizes && !volume.restrictsNames) return { names, renamed: [] };
  const { entries, files } = yield* listingEntries(names);
  yield* choosingParts(entries, volume);
  const [sources, locals] = [[""], [""]];
  const renamed: Renaming[] = [];
  for (const [at, entry] of entries.entries()) {
    sources[at + 1] = below(sources[entry.folder], entry.part);
    locals[at + 1] = below(locals[entry.folder], entry.localPart);
    if (entry.localPart !== entry.part) renamed.push({ from: sources[at + 1], to: locals[at + 1] });
    yield ENTRY_UNITS;
  }
  return { names: files.map((number) => locals[number]), renamed };
}

/** All entries in order of appearance, a folder before its content; and the entry number of each name. */
function* listingEntries(names: readonly string[]): Work<{ entries: Entry[]; files: number[] }> {
  const entries: Entry[] = [];
  const folders = new Map<string, number>();
  const files: number[] = [];
  for (const name of names) {
    const parts = name.split("/");
    const last = parts.pop()!;
    let folder = 0;
    for (const part of parts) {
      const key = `${folder}/${part}`;
      let number = folders.get(key);
      if (number === undefined) {
        number = entries.push({ folder, part, kind: "folder", localPart: part });
        folders.set(key, number);
      }
      folder = number;
    }
    files.push(entries.push({ folder, part: last, kind: "file", localPart: last }));
    yield (1 + parts.length) * ENTRY_UNITS;
  }
  return { entries, files };
}

/** Gives each entry a part that is unique in its folder. Entries that can keep theirs go first. */
function* choosingParts(entries: Entry[], volume: Volume): Work<void> {
  const taken = new Set<string>();
  const key = (entry: Entry, part: string): string => `${entry.folder}/${nameKey(part, volume)}`;
  const others: Entry[] = [];
  for (const entry of entries) {
    entry.localPart = volume.restrictsNames
      ? windowsName(entry.part, (part) => shortened(part, MAXIMUM_PART_BYTES))
      : entry.part;
    if (entry.localPart !== entry.part || taken.has(key(entry, entry.part))) others.push(entry);
    else taken.add(key(entry, entry.part));
    yield PART_UNITS;
  }
  // The last number for each part, so that a thousand equal parts are not each counted from 2.
  const numbers = new Map<string, number>();
  for (const entry of others) {
    const part = entry.localPart;
    let number = numbers.get(key(entry, part)) ?? 1;
    while (taken.has(key(entry, entry.localPart))) {
      entry.localPart = numberedName(part, ++number, entry.kind);
    }
    numbers.set(key(entry, part), number);
    taken.add(key(entry, entry.localPart));
    yield PART_UNITS;
  }
}
