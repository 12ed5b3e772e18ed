// The native addon, loaded on first use and refused if it was built from other sources. Its interfaces are defined by
// the rooms that use it.

import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { PliError } from "../errors.ts";
import { addonUrl, bindingMissing, PATCH_LEVEL } from "./choice.ts";

let loaded: unknown;

/** The loaded addon. Throws `binding_missing` if it does not exist for this system, and `addon_outdated`. */
export function nativeAddon(): unknown {
  return loaded ??= ofThisLevel(load());
}

function load(): unknown {
  const url = addonUrl();
  if (url === null) throw bindingMissing();
  try {
    return createRequire(import.meta.url)(fileURLToPath(url));
  } catch (cause) {
    throw bindingMissing(cause);
  }
}

/** The same addon. Throws `addon_outdated` unless it has the required level. */
export function ofThisLevel(addon: unknown): unknown {
  const { patchLevel } = addon as { patchLevel?: () => number };
  // Older addons do not export a level.
  const found = typeof patchLevel === "function" ? patchLevel() : 0;
  if (found !== PATCH_LEVEL) throw new PliError("addon_outdated", { found, needed: PATCH_LEVEL });
  return addon;
}
