// Which names a collection may carry. A receiver checks all of them before anything is created, a sender
// leaves out what receivers would refuse. This is about names that are wrong everywhere; what one volume
// cannot hold is renamed by `local_names`.

import { Texts } from "../bytes/texts.ts";
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
export function checkNames(names: Texts | readonly string[]): void {
  for (const name of names) {
    const fault = nameFault(name);
    if (fault !== null) throw new PliError("name_refused", { name, fault });
  }
  const texts = names instanceof Texts ? names : Texts.of(names);
  const table = new NameTable(texts);
  const refuse = (index: number, fault: NameFault) => {
    throw new PliError("name_refused", { name: texts.at(index), fault });
  };
  for (let index = 0; index < texts.length; index++) if (!table.add(index)) refuse(index, "duplicate");
  for (let index = 0; index < texts.length; index++) {
    if (table.isBelowFile(index)) refuse(index, "file_and_folder");
  }
}

/**
 * Which names there are, found by hashes that grow along a name: looking up every folder of it by itself would be
 * quadratic in its length, and it may have 2,048 parts. It keeps their numbers alone.
 */
class NameTable {
  readonly #names: Texts;
  /** By hash, with the next free place for those that share one: a name's number and 1, or 0. */
  readonly #slots: Uint32Array;
  /** Differs from run to run, so that nobody can prepare names that collide. */
  readonly #seed = (Math.random() * 2 ** 32) | 0;

  constructor(names: Texts) {
    this.#names = names;
    this.#slots = new Uint32Array(2 ** Math.ceil(Math.log2(2 * names.length + 2)));
  }

  /** False when the name is there already. */
  add(index: number): boolean {
    const { starts, ends } = this.#names;
    const [start, end] = [starts[index], ends[index]];
    const slot = this.#find(start, end, this.#hash(start, end, this.#seed));
    if (this.#slots[slot] > 0) return false;
    this.#slots[slot] = index + 1;
    return true;
  }

  /** Whether a folder of the name is a name that was added. */
  isBelowFile(index: number): boolean {
    const { bytes, starts, ends } = this.#names;
    const start = starts[index];
    let hash = this.#seed;
    let hashed = start;
    for (let at = start; at < ends[index]; at++) {
      if (bytes[at] !== SLASH) continue;
      hash = this.#hash(hashed, at, hash);
      hashed = at;
      if (this.#slots[this.#find(start, at, hash)] > 0) return true;
    }
    return false;
  }

  /** Where the name that stands between two places is, or would be. */
  #find(start: number, end: number, hash: number): number {
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    while (this.#slots[slot] > 0 && !this.#equals(this.#slots[slot] - 1, start, end)) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #equals(index: number, start: number, end: number): boolean {
    const { bytes, starts, ends } = this.#names;
    const otherStart = starts[index];
    if (ends[index] - otherStart !== end - start) return false;
    for (let at = start; at < end; at++) if (bytes[at] !== bytes[otherStart + at - start]) return false;
    return true;
  }

  #hash(start: number, end: number, hash: number): number {
    const { bytes } = this.#names;
    for (let at = start; at < end; at++) {
      hash = Math.imul(hash ^ bytes[at], 0x9e3779b1);
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
