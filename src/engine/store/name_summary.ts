// The summary of a collection's names for the decision to receive it: numbers of folders and of names at the top, and
// hidden names. A file is hidden if a part of its name begins with a dot, at any depth. Programs read or execute such
// files because they exist (`.envrc`, `.git/hooks`, `.vscode/tasks.json`, `.bashrc`), and listings omit them. A list
// of dangerous names is never complete, so there is none. Finder's `.DS_Store` does not count: every folder that was
// opened on a Mac has one with the places of icons, and a question that is always asked is always answered with yes.

import type { Texts } from "../bytes/texts.ts";
import { ITEM_UNITS, type Work } from "../work.ts";
import { FolderSet } from "./folder_set.ts";

/** Files that one dot name hides: `.git`, or all files named `.npmrc`. */
export interface HiddenName {
  /** The name up to the part that begins with a dot, of the occurrence nearest to the top. */
  name: string;
  /** Number of files or folders with this part. */
  places: number;
  /** Number of files that it hides. */
  files: number;
}

export interface NameSummary {
  /** Number of distinct folders. */
  folders: number;
  /** Number of distinct names at the top. */
  tops: number;
  hiddenFiles: number;
  /** Dot names, those nearest to the top first; at most `HIDDEN_NAMES_KEPT`. */
  hidden: readonly HiddenName[];
}

/** Maximum number of listed dot names. The files of the others are counted too. */
export const HIDDEN_NAMES_KEPT = 1_000;

const SLASH = 0x2f;
const DOT = 0x2e;
const UNCOUNTED_PARTS = ".DS_Store";
const IGNORED_BEFORE_DOT = /^\p{Default_Ignorable_Code_Point}+\./u;
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** The summary of names that `checkNames` has accepted. */
export function* summarizingNames(names: Texts): Work<NameSummary> {
  const { bytes, starts, ends } = names;
  const folders = new FolderSet(names);
  const hidden = new HiddenNames();
  let tops = 0;
  let hiddenFiles = 0;
  for (let index = 0; index < names.length; index++) {
    const [start, end] = [starts[index], ends[index]];
    const added = folders.add(index);
    if (added === folders.depth) tops++;
    const dot = firstDotPart(bytes, start, end);
    if (dot !== null) {
      const part = utf8.decode(bytes.subarray(dot.start, dot.end));
      const isFile = dot.end === end;
      if (!isFile || part !== UNCOUNTED_PARTS) {
        hiddenFiles++;
        const isNewPlace = isFile || dot.depth >= folders.depth - added;
        hidden.add(part, dot.depth, isNewPlace, () => utf8.decode(bytes.subarray(start, dot.end)));
      }
    }
    yield end - start + ITEM_UNITS;
  }
  return { folders: folders.size, tops, hiddenFiles, hidden: hidden.nearest() };
}

/** Position of the first part that begins with a dot, and the number of folders above it. */
function firstDotPart(bytes: Uint8Array, start: number, end: number) {
  for (let [at, depth] = [start, 0]; at < end; depth++) {
    const slash = bytes.subarray(at, end).indexOf(SLASH);
    const partEnd = slash < 0 ? end : at + slash;
    if (bytes[at] === DOT || isDotBehindIgnored(bytes, at, partEnd)) {
      return { start: at, end: partEnd, depth };
    }
    at = partEnd + 1;
  }
  return null;
}

/** Whether a volume that ignores zero-width characters (HFS+) treats the part as beginning with a dot. */
function isDotBehindIgnored(bytes: Uint8Array, start: number, end: number): boolean {
  if (bytes[start] < 0x80 || !bytes.subarray(start, end).includes(DOT)) return false;
  return IGNORED_BEFORE_DOT.test(utf8.decode(bytes.subarray(start, end)));
}

type Found = HiddenName & { depth: number };

class HiddenNames {
  #found = new Map<string, Found>();

  add(part: string, depth: number, isNewPlace: boolean, name: () => string): void {
    let found = this.#found.get(part);
    if (found === undefined) {
      this.#found.set(part, found = { name: name(), places: 0, files: 0, depth });
    } else if (depth < found.depth) {
      found.name = name();
      found.depth = depth;
    }
    found.files++;
    if (isNewPlace) found.places++;
    if (this.#found.size > 2 * HIDDEN_NAMES_KEPT) this.#found = new Map(this.#sorted());
  }

  nearest(): HiddenName[] {
    return this.#sorted().map(([_, { name, places, files }]) => ({ name, places, files }));
  }

  #sorted(): [string, Found][] {
    const order = (a: Found, b: Found) => a.depth - b.depth || (a.name < b.name ? -1 : 1);
    return [...this.#found].sort((a, b) => order(a[1], b[1])).slice(0, HIDDEN_NAMES_KEPT);
  }
}
