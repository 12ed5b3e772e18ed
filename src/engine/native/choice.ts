// Chooses the binding of an engine: the requested one, else the native addon (native/, Rust) if its file exists, else
// the stock package. Nothing is loaded for that, because even `pli --version` needs it.

import { PliError } from "../errors.ts";
import { ARCHITECTURE, IS_DENO, SYSTEM } from "../system.ts";

/** The version of iroh in native/Cargo.toml; a test compares them. */
export const NATIVE_IROH_VERSION = "1.4.1";

const FILE = "pli_native.node";
/** Whether this module is in the source tree. In a bundle the addon is beside the bundle. */
const IN_SOURCES = /\/src\/engine\/native\/[^/]+$/.test(import.meta.url);
const ADDON = new URL(IN_SOURCES ? `../../../native/${FILE}` : `./${FILE}`, import.meta.url);

let isThere: boolean | undefined;

/** `native`: the addon, `stock`: the package @number0/iroh. */
export type BindingName = "native" | "stock";

/** The requested binding, or the best available one. Throws `binding_missing` for a missing addon. */
export function availableBinding(wanted?: BindingName): BindingName {
  if (wanted === "native" && addonUrl() === null) throw bindingMissing();
  return wanted ?? (addonUrl() === null ? "stock" : "native");
}

/** The binding of a typed name; undefined, which means the best, for a blank one. Throws `binding_unknown`. */
export function bindingNamed(text: string): BindingName | undefined {
  const name = text.trim();
  if (name === "") return undefined;
  if (name !== "native" && name !== "stock") throw new PliError("binding_unknown", { binding: name });
  return name;
}

/** The URL of the addon's file; null if it does not exist. */
export function addonUrl(): URL | null {
  isThere ??= isFile(ADDON);
  return isThere ? ADDON : null;
}

export function bindingMissing(cause?: unknown): PliError<"binding_missing"> {
  return new PliError("binding_missing", { system: `${SYSTEM} ${ARCHITECTURE}` }, { cause });
}

function isFile(url: URL): boolean {
  try {
    // On Deno its own call, because loading the module of Node.js takes longer than the rest of `pli --version`.
    return IS_DENO ? Deno.statSync(url).isFile : process.getBuiltinModule("node:fs").statSync(url).isFile();
  } catch {
    return false;
  }
}
