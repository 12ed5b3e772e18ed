// Redacts private values in a log. Pure. An id or a hash is shortened to ten digits, as iroh does: enough to follow it
// through the lines, too few to connect with it. A name or a ticket becomes a number, the same one each time.

import { Sensitive, type SensitiveKind } from "../logger.ts";

/** Maximum number of numbered names; further ones have no number. */
const MAXIMUM_NUMBERED = 10_000;
const SHOWN_DIGITS = 10;

/** A run of letters and digits of at least the length of a key, a hash or a ticket. */
const LONG_RUN = /[a-z0-9]{32,}/gi;
/** Bytes as Rust prints them, as numbers or as a literal. */
const BYTE_LIST = /\[(?:\d{1,3}, ?){15,}\d{1,3}\]|b"(?:[^"\\]|\\.){48,}"/g;
/** The user and the password of a URL. */
const USER_INFO = /(:\/\/)[^/@\s]+@/g;

/** Redacts private values; one object for the lines of a log. */
export class Redaction {
  readonly #numbers = new Map<string, number>();

  /** The redacted form of a private value. */
  sensitive({ kind, text }: Sensitive): string {
    return kind === "id" || kind === "hash" ? shortened(text) : this.#numbered(kind, text);
  }

  #numbered(kind: SensitiveKind, text: string): string {
    const key = `${kind} ${text}`;
    if (!this.#numbers.has(key)) {
      if (this.#numbers.size >= MAXIMUM_NUMBERED) return `<${kind}>`;
      this.#numbers.set(key, this.#numbers.size + 1);
    }
    return `<${kind} ${this.#numbers.get(key)}>`;
  }
}

/**
 * A text of a library with keys, hashes and tickets replaced by their length, and without lists of bytes and the user
 * of a URL. It does not recognise names.
 */
export function scrubbed(text: string): string {
  return text.replace(BYTE_LIST, "<bytes>").replace(USER_INFO, "$1..@").replace(LONG_RUN, shortened);
}

/** The first digits of a hexadecimal text; nothing of another. */
function shortened(text: string): string {
  return /^[0-9a-f]+$/i.test(text) ? `${text.slice(0, SHOWN_DIGITS)}..` : "<redacted>";
}
