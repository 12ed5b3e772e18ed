// The identities of pli: a new key for each share and each download, or the one in IROH_SECRET, which is parsed like
// sendme does (64 hex digits, or unpadded base32) and never stored.

import { base32nopad } from "@scure/base";
import { PliError } from "../engine/mod.ts";
import type { Environment } from "./home.ts";

export { generateSecretKey as newSecretKey } from "../engine/mod.ts";

const KEY_BYTES = 32;

/** The key in IROH_SECRET; null if it is unset or blank. Throws `secret_invalid`. */
export function givenSecretKey(environment: Environment): Uint8Array | null {
  const text = environment("IROH_SECRET") ?? "";
  if (text.trim() === "") return null;
  const key = parseSecretKey(text);
  if (key === null) throw new PliError("secret_invalid", {});
  return key;
}

/** Parses a key in hex or base32; null if it is neither. */
export function parseSecretKey(text: string): Uint8Array | null {
  try {
    const isHex = text.length === KEY_BYTES * 2;
    const key = isHex ? Uint8Array.fromHex(text) : base32nopad.decode(text.toUpperCase());
    return key.length === KEY_BYTES ? key : null;
  } catch {
    // The decoders' messages are dropped, because they can contain the key.
    return null;
  }
}
