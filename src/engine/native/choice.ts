// Which binding pli runs on: the native addon (native/, Rust) where its file is there, else the stock package.
// `PLI_BINDING` forces one. Told from the variable and the file's presence: nothing is loaded, because even
// `pli --version` asks. Who uses the addon says what it expects of it.

import { PliError } from "../errors.ts";

/** The version of iroh in native/Cargo.toml; a test compares them. */
export const NATIVE_IROH_VERSION = "1.4.1";

const FILE = "pli_native.node";
/** In the source tree, which this module is in unless it is bundled; then the addon lies beside the bundle. */
const IN_SOURCES = /\/src\/engine\/native\/[^/]+$/.test(import.meta.url);
const ADDON = new URL(IN_SOURCES ? `../../../native/${FILE}` : `./${FILE}`, import.meta.url);

let isThere: boolean | undefined;

/** Throws `binding_unknown` when `PLI_BINDING` names none, `binding_missing` when it asks for one not there. */
export function usesNative(): boolean {
  const wanted = Deno.env.get("PLI_BINDING") ?? "";
  if (!["", "stock", "native"].includes(wanted)) throw new PliError("binding_unknown", { binding: wanted });
  if (wanted === "stock") return false;
  if (addonUrl() !== null) return true;
  if (wanted === "native") throw bindingMissing();
  return false;
}

/** Where the addon's file is; null when it is not there. */
export function addonUrl(): URL | null {
  // By Deno: loading the module that Node has for files takes longer than all else of `pli --version`.
  isThere ??= isFile(ADDON);
  return isThere ? ADDON : null;
}

export function bindingMissing(cause?: unknown): PliError<"binding_missing"> {
  return new PliError("binding_missing", { system: `${Deno.build.os} ${Deno.build.arch}` }, { cause });
}

function isFile(url: URL): boolean {
  try {
    return Deno.statSync(url).isFile;
  } catch {
    return false;
  }
}
