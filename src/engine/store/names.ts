// The names that a collection may have. A receiver checks all of them before anything is created; a sender leaves out
// what receivers would refuse. These names are invalid everywhere. Names that only one volume does not support are
// renamed by local_names.ts.

import { encodingTexts, Texts } from "../bytes/texts.ts";
import { complete, ITEM_UNITS, type Work } from "../work.ts";
import { type NameFault, PliError } from "../errors.ts";
import { FolderSet } from "./folder_set.ts";
import { spanHash, SpanSet } from "./span_set.ts";

/** Maximum length of a part of a name, in bytes of UTF-8: that of the usual file systems. */
export const MAXIMUM_PART_BYTES = 255;
/** Maximum length of a name with all of its parts, in bytes of UTF-8. */
export const MAXIMUM_NAME_BYTES = 4096;
/**
 * Maximum number of parts. A path of 260 characters (Windows) has at most 130 parts, one of 1,024 bytes (macOS) at
 * most 512; the deepest trees of package managers have below 100.
 */
export const MAXIMUM_PARTS = 256;
/** Maximum number of folders of any collection: the maximum number of files. */
export const MAXIMUM_FOLDERS = 1_000_000;
/**
 * Permitted folders for each file, besides a constant number. Each sent folder has a file in or below it, and files
 * share the folders above them; a source tree with one class per module has about ten for each file.
 */
const FOLDERS_PER_FILE = 16;
const FOLDERS_FREE = 4_096;

const NUL = 0x00;
const DOT = 0x2e;
const SLASH = 0x2f;
const BACKSLASH = 0x5c;

/** The defect of one name; null if it is valid. */
export function nameFault(name: string): NameFault | null {
  if (name === "") return "empty";
  if (name.charCodeAt(0) === SLASH) return "absolute";
  let nameBytes = 0;
  let partBytes = 0;
  let partStart = 0;
  let parts = 0;
  for (let at = 0; at <= name.length; at++) {
    const unit = at < name.length ? name.charCodeAt(at) : SLASH;
    if (unit === SLASH) {
      if (at === partStart) return "empty_part";
      if (isDotPart(name, partStart, at)) return "dot_part";
      if (partBytes > MAXIMUM_PART_BYTES) return "part_too_long";
      nameBytes += partBytes + (at < name.length ? 1 : 0);
      if (++parts > MAXIMUM_PARTS) return "too_deep";
      partBytes = 0;
      partStart = at + 1;
    } else if (unit === BACKSLASH) {
      return "backslash";
    } else if (unit === NUL) {
      return "nul";
    } else if (isSurrogate(unit)) {
      if (unit >= 0xdc00 || !isLowSurrogate(name.charCodeAt(at + 1))) return "not_unicode";
      partBytes += 4;
      at++;
    } else {
      partBytes += unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3;
    }
  }
  return nameBytes > MAXIMUM_NAME_BYTES ? "path_too_long" : null;
}

/** The name of an entry in a folder; the folder "" adds nothing. */
export function below(folder: string, part: string): string {
  return folder === "" ? part : `${folder}/${part}`;
}

/**
 * Throws `name_refused` for the first name that is invalid by itself, else for the first one that occurs twice or is
 * below a file; `limit_exceeded` for more folders than the number of files permits. Takes time in proportion to the
 * length of all names.
 */
export function checkNames(names: Texts | readonly string[]): void {
  complete(checkingNames(names));
}

/** `checkNames` in steps. */
export function* checkingNames(names: Texts | readonly string[]): Work<void> {
  for (const name of names) {
    const fault = nameFault(name);
    if (fault !== null) throw new PliError("name_refused", { name, fault });
    yield name.length + ITEM_UNITS;
  }
  const texts = names instanceof Texts ? names : yield* encodingTexts(names);
  const refuse = (index: number, fault: NameFault) => {
    throw new PliError("name_refused", { name: texts.at(index), fault });
  };
  const { bytes, starts, ends } = texts;
  const files = new SpanSet(bytes, texts.length);
  for (let index = 0; index < texts.length; index++) {
    const [start, end] = [starts[index], ends[index]];
    if (!files.add(start, end, spanHash(bytes, start, end))) refuse(index, "duplicate");
    yield end - start + ITEM_UNITS;
  }
  const maximum = maximumFolders(texts.length);
  const folders = new FolderSet(texts);
  for (let index = 0; index < texts.length; index++) {
    folders.add(index);
    if (folders.size > maximum) throw new PliError("limit_exceeded", { what: "folders", maximum });
    if (folders.isAnyIn(files)) refuse(index, "file_and_folder");
    yield ends[index] - starts[index] + ITEM_UNITS;
  }
}

/** Maximum number of folders of a collection with so many files. */
export function maximumFolders(files: number): number {
  return Math.min(FOLDERS_FREE + FOLDERS_PER_FILE * files, MAXIMUM_FOLDERS);
}

function isDotPart(name: string, start: number, end: number): boolean {
  return name.charCodeAt(start) === DOT &&
    (end - start === 1 || (end - start === 2 && name.charCodeAt(start + 1) === DOT));
}

function isSurrogate(unit: number): boolean {
  return (unit & 0xf800) === 0xd800;
}

function isLowSurrogate(unit: number): boolean {
  return (unit & 0xfc00) === 0xdc00;
}
