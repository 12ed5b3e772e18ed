// From the names of a collection to names that one volume can hold. An honest Linux tree with `aux.c` and
// `Makefile` beside `makefile` is untouched on Linux and arrives whole elsewhere, with every change told.
//
// The rule is for entries of a folder, files and folders alike: entries that the volume would take for one
// (`Dir` and `dir`) stay apart, in order of appearance, as `Dir` and `dir (2)`, and a folder keeps all that
// is in it. So what was one folder at the sender is one folder here, and what was two is two.

import { numberedName, shortened } from "./numbered_name.ts";
import { below, MAXIMUM_PART_BYTES } from "./names.ts";
import { nameKey, type Volume } from "./volume.ts";

export interface Renaming {
  from: string;
  to: string;
}

export interface LocalNames {
  /** One for each name, in the same order, with as many parts. */
  names: readonly string[];
  /** Files and folders whose own part of the name changed, with all of their old and new name. */
  renamed: Renaming[];
}

/** A file or folder: a distinct part in its folder. The root is no entry, its number is 0. */
interface Entry {
  folder: number;
  part: string;
  kind: "file" | "folder";
  localPart: string;
}

/** Names, already checked by `checkNames`, as the volume can hold them. */
export function localNames(names: readonly string[], volume: Volume): LocalNames {
  if (!volume.foldsCase && !volume.normalizes && !volume.restrictsNames) return { names, renamed: [] };
  const { entries, files } = listEntries(names);
  chooseParts(entries, volume);
  const [sources, locals] = [[""], [""]];
  const renamed: Renaming[] = [];
  entries.forEach((entry, at) => {
    sources[at + 1] = below(sources[entry.folder], entry.part);
    locals[at + 1] = below(locals[entry.folder], entry.localPart);
    if (entry.localPart !== entry.part) renamed.push({ from: sources[at + 1], to: locals[at + 1] });
  });
  return { names: files.map((number) => locals[number]), renamed };
}

/** All entries in order of appearance, a folder before what is in it; and each name's entry number. */
function listEntries(names: readonly string[]): { entries: Entry[]; files: number[] } {
  const entries: Entry[] = [];
  const folders = new Map<string, number>();
  const files = names.map((name) => {
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
    return entries.push({ folder, part: last, kind: "file", localPart: last });
  });
  return { entries, files };
}

/** Gives each entry a part that no other entry of its folder has. Entries that can keep theirs go first. */
function chooseParts(entries: Entry[], volume: Volume): void {
  const taken = new Set<string>();
  const key = (entry: Entry, part: string): string => `${entry.folder}/${nameKey(part, volume)}`;
  const others = entries.filter((entry) => {
    entry.localPart = volume.restrictsNames ? unrestrictedPart(entry.part) : entry.part;
    if (entry.localPart !== entry.part || taken.has(key(entry, entry.part))) return true;
    taken.add(key(entry, entry.part));
    return false;
  });
  // How far the numbers of a part have come: a thousand twins of one name must not each count from 2.
  const numbers = new Map<string, number>();
  for (const entry of others) {
    const wanted = entry.localPart;
    let number = numbers.get(key(entry, wanted)) ?? 1;
    while (taken.has(key(entry, entry.localPart))) {
      entry.localPart = numberedName(wanted, ++number, entry.kind);
    }
    numbers.set(key(entry, wanted), number);
    taken.add(key(entry, entry.localPart));
  }
}

/** Names that Windows gives to devices, whatever follows a dot. */
const DEVICE = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?= *(?:\.|$))/i;
// deno-lint-ignore no-control-regex
const REFUSED_CHARACTERS = /[<>:"|?*\u0000-\u001f]/g;

/** A part that Windows can hold; the same one where it already can. */
function unrestrictedPart(part: string): string {
  const allowed = part.replace(REFUSED_CHARACTERS, "_").replace(DEVICE, "$1_");
  return shortened(allowed, MAXIMUM_PART_BYTES).replace(/[. ]+$/, (ending) => "_".repeat(ending.length));
}
