// The hasher for this process: the native one where pli runs on the native addon, else the portable one.

import { usesNative } from "../native/addon.ts";
import type { Hasher } from "../ports.ts";

/** Throws `binding_missing`, `binding_unknown`. */
export async function bestHasher(): Promise<Hasher> {
  if (usesNative()) return (await import("./native_hasher.ts")).nativeHasher();
  return (await import("./wasm_hasher.ts")).wasmHasher();
}
