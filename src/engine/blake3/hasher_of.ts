// The hasher of a binding: the native one beside the native addon's network, else the portable one.

import type { BindingName } from "../native/choice.ts";
import type { Hasher } from "../ports.ts";

/** Throws `binding_missing`, `addon_outdated`. */
export async function hasherOf(binding: BindingName): Promise<Hasher> {
  if (binding === "native") return (await import("./native_hasher.ts")).nativeHasher();
  return (await import("./wasm_hasher.ts")).wasmHasher();
}
