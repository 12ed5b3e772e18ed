// The identities that pli takes on: a fresh key for each share and each download, or the one in IROH_SECRET,
// which is read as sendme reads it (64 hex digits, or unpadded base32) and never written down.

import { base32nopad } from "@scure/base";
import { PliError } from "../engine/mod.ts";
import type { Environment } from "./home.ts";

const KEY_BYTES = 32;

/** A fresh key. */
export function newSecretKey(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(KEY_BYTES));
}

/** The key in IROH_SECRET; null when there is none. Throws `secret_invalid`. */
export function givenSecretKey(environment: Environment): Uint8Array | null {
  const text = environment("IROH_SECRET");
  if (text === undefined) return null;
  const key = parseSecretKey(text);
  if (key === null) throw new PliError("secret_invalid", {});
  return key;
}

/** Reads a key in hex or base32; null when it is neither. */
export function parseSecretKey(text: string): Uint8Array | null {
  try {
    const isHex = text.length === KEY_BYTES * 2;
    const key = isHex ? Uint8Array.fromHex(text) : base32nopad.decode(text.toUpperCase());
    return key.length === KEY_BYTES ? key : null;
  } catch {
    // Neither decoder's message may travel on: it can hold the key.
    return null;
  }
}
