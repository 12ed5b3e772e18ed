// The native addon, loaded on first use. What it expects and gives is said by the rooms that use it.

import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { addonUrl, bindingMissing } from "./choice.ts";

export { usesNative } from "./choice.ts";

let loaded: unknown;

/** The loaded addon. Throws `binding_missing` when it is not there, or not for this system. */
export function nativeAddon(): unknown {
  const url = addonUrl();
  if (url === null) throw bindingMissing();
  try {
    return loaded ??= createRequire(import.meta.url)(fileURLToPath(url));
  } catch (cause) {
    throw bindingMissing(cause);
  }
}
