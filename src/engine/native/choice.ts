// Chooses the binding of an engine: the requested one, else the native addon (native/, Rust) if its file exists, else
// the stock package. The addon is the one that `npm run native` has built, else the prebuilt one that set-up has
// installed. Nothing is loaded for that, because even `pli --version` needs it.

import { PliError } from "../errors.ts";
import { ARCHITECTURE, IS_DENO, SYSTEM } from "../system.ts";

/** The level of native/src/level.rs, which each change of native/patches and of the exports increases. */
export const PATCH_LEVEL = 6;

/** The version of iroh in native/Cargo.toml; a test compares them. */
export const NATIVE_IROH_VERSION = "1.4.1";

/** Whether this module is in the source tree. Beside a bundle is its addon; a package has those of all platforms, or depends on them. */
const IN_SOURCES = /\/src\/engine\/native\/[^/]+$/.test(import.meta.url);

interface AddonFile {
  url: URL;
  isPrebuilt: boolean;
}

let found: AddonFile | null | undefined;

/**
 * `built`: by `npm run native`, or beside a bundle; `prebuilt`: as published with these sources; `prebuilt_earlier`: with
 * earlier sources of the same patch level.
 */
export type AddonOrigin = "built" | "prebuilt" | "prebuilt_earlier";

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

/** The URL of the addon's file; null if there is none. */
export function addonUrl(): URL | null {
  return foundAddon()?.url ?? null;
}

/** Where the addon comes from, for `pli --version`; null if there is none. */
export function addonOrigin(): AddonOrigin | null {
  const found = foundAddon();
  if (found === null) return null;
  if (!found.isPrebuilt) return "built";
  return isFile(new URL("earlier_sources", found.url)) ? "prebuilt_earlier" : "prebuilt";
}

export function bindingMissing(cause?: unknown): PliError<"binding_missing"> {
  return new PliError("binding_missing", { system: `${SYSTEM} ${ARCHITECTURE}` }, { cause });
}

function foundAddon(): AddonFile | null {
  if (found === undefined) found = places().find(({ url }) => isFile(url)) ?? null;
  return found;
}

/** Where an addon may be, the preferred place first. A prebuilt one has its level in its name: no other one is found. */
function places(): AddonFile[] {
  if (!IN_SOURCES) {
    const platform = platformName();
    const file = `pli_native.${platform}.node`;
    return [
      addonAt("./pli_native.node", false),
      addonAt(`./${file}`, true),
      // Where npm installs a dependency: beside the package, which is in the same scope, or in it.
      addonAt(`../native-${platform}/${file}`, true),
      addonAt(`./node_modules/@pli/native-${platform}/${file}`, true),
    ];
  }
  return [
    addonAt("../../../native/pli_native.node", false),
    addonAt(`../../../native/prebuilt/installed/pli_native-${PATCH_LEVEL}.node`, true),
  ];
}

function addonAt(path: string, isPrebuilt: boolean): AddonFile {
  return { url: new URL(path, import.meta.url), isPrebuilt };
}

/** This system by napi-rs' name. */
function platformName(): string {
  const processors: Readonly<Record<string, string>> = { x86_64: "x64", aarch64: "arm64" };
  const processor = processors[ARCHITECTURE] ?? ARCHITECTURE;
  if (SYSTEM === "windows") return `win32-${processor}`;
  return SYSTEM === "linux" ? `linux-${processor}-${isGlibc() ? "gnu" : "musl"}` : `${SYSTEM}-${processor}`;
}

/** Deno exists for glibc only, and Node.js reports it. */
function isGlibc(): boolean {
  if (IS_DENO) return true;
  // Its network part would resolve names.
  const report = process.report as { excludeNetwork?: boolean; getReport(): object };
  report.excludeNetwork = true;
  const { header } = report.getReport() as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime !== undefined;
}

function isFile(url: URL): boolean {
  try {
    // On Deno its own call, because loading the module of Node.js takes longer than the rest of `pli --version`.
    return IS_DENO ? Deno.statSync(url).isFile : process.getBuiltinModule("node:fs").statSync(url).isFile();
  } catch {
    return false;
  }
}
