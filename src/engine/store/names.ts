// Which names a collection may carry. A receiver checks all of them before anything is created, a sender
// leaves out what receivers would refuse. This is about names that are wrong everywhere; what one volume
// cannot hold is renamed by `local_names`.

import { type NameFault, PliError } from "../errors.ts";

/** Longest part of a name, in bytes of UTF-8: what the usual file systems can hold. */
export const MAXIMUM_PART_BYTES = 255;
/** Longest name with all of its parts, in bytes of UTF-8. */
export const MAXIMUM_NAME_BYTES = 4096;

const NUL = 0x00;
const DOT = 0x2e;
const SLASH = 0x2f;
const BACKSLASH = 0x5c;

/** What is wrong with one name, null when nothing is. */
export function nameFault(name: string): NameFault | null {
  if (name === "") return "empty";
  if (name.charCodeAt(0) === SLASH) return "absolute";
  let nameBytes = 0;
  let partBytes = 0;
  let partStart = 0;
  for (let at = 0; at <= name.length; at++) {
    const unit = at < name.length ? name.charCodeAt(at) : SLASH;
    if (unit === SLASH) {
      if (at === partStart) return "empty_part";
      if (isDotPart(name, partStart, at)) return "dot_part";
      if (partBytes > MAXIMUM_PART_BYTES) return "part_too_long";
      nameBytes += partBytes + (at < name.length ? 1 : 0);
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

/** The name of something in a folder; the folder "" adds nothing. */
export function below(folder: string, part: string): string {
  return folder === "" ? part : `${folder}/${part}`;
}

/**
 * Throws `name_refused` for a name that cannot be used: the first one that is bad by itself, else the first
 * one that occurs twice, or that is below a file. Takes time in proportion to the length of all names.
 */
export function checkNames(names: readonly string[]): void {
  const known = new Set<string>();
  for (const name of names) {
    const fault = nameFault(name);
    if (fault !== null) throw new PliError("name_refused", { name, fault });
    if (known.has(name)) throw new PliError("name_refused", { name, fault: "duplicate" });
    known.add(name);
  }
  const filter = new NameFilter(names);
  for (const name of names) {
    if (filter.prefixes(name).some((end) => known.has(name.slice(0, end)))) {
      throw new PliError("name_refused", { name, fault: "file_and_folder" });
    }
  }
}

/**
 * Tells in one pass over a name which of its folders might be one of the names: a Bloom filter over hashes
 * that grow along the name. Looking up every folder by itself would be quadratic in the length of a name,
 * and a name may have 2,048 parts.
 */
class NameFilter {
  readonly #bits: Uint8Array;
  readonly #mask: number;
  /** Differs from run to run, so that nobody can prepare names that collide. */
  readonly #seed = (Math.random() * 2 ** 32) | 0;

  constructor(names: readonly string[]) {
    // About a thousand bits for a name, 16 MiB at most: at a million names under 1 in 100 is mistaken.
    const log2 = Math.min(27, Math.max(10, Math.ceil(Math.log2(1024 * (names.length + 1)))));
    this.#bits = new Uint8Array(2 ** (log2 - 3));
    this.#mask = 2 ** log2 - 1;
    for (const name of names) {
      const bit = this.#hash(name, 0, name.length, this.#seed) & this.#mask;
      this.#bits[bit >>> 3] |= 1 << (bit & 7);
    }
  }

  /** Where the folders of a name end that might be names themselves. */
  prefixes(name: string): number[] {
    const ends: number[] = [];
    let hash = this.#seed;
    let start = 0;
    for (let end = name.indexOf("/"); end >= 0; end = name.indexOf("/", end + 1)) {
      hash = this.#hash(name, start, end, hash);
      start = end;
      const bit = hash & this.#mask;
      if ((this.#bits[bit >>> 3] & 1 << (bit & 7)) !== 0) ends.push(end);
    }
    return ends;
  }

  #hash(name: string, start: number, end: number, hash: number): number {
    for (let at = start; at < end; at++) {
      hash = Math.imul(hash ^ name.charCodeAt(at), 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    return hash;
  }
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
