// Collects what a released program contains other than pli: the runtime, the packages in the bundle, the crates of the
// addon and of the launcher. It reads the installed files of npm and cargo, and applies the patches of the addon's crates,
// as `npm run native -- --prepare` does.

import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { prepare } from "./native_cargo.mjs";
import { NATIVE } from "./prebuilt.mjs";
import { output } from "./programs.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const LICENCE_FILE = /^(licen[cs]e|copying|notice|unlicense)/i;

export interface Component {
  /** Where it is published, by the names of package URLs. */
  kind: "npm" | "cargo";
  name: string;
  version: string;
  /** The licence of its manifest. */
  licence: string;
  /** The texts of its licences. */
  texts: readonly string[];
  /** SHA-512 of its package, in base64, if the lock file has it. */
  sha512?: string;
}

export interface Program {
  /** The system by rustc's name; this one if it is missing. */
  target?: string;
  /** Whether it has the launcher of native/launcher. */
  hasLauncher: boolean;
}

/** All of a program's components, each once. Throws an Error if cargo fails, or ends the process if it is missing. */
export async function componentsOf({ target, hasLauncher }: Program): Promise<Component[]> {
  prepare();
  const all = [
    await runtime(),
    ...await packages(),
    ...await cratesOf(NATIVE, target),
    ...hasLauncher ? await cratesOf(join(NATIVE, "launcher"), target) : [],
  ];
  const unique = new Map(all.map((each) => [`${each.kind} ${each.name} ${each.version}`, each]));
  return [...unique.values()];
}

interface LockEntry {
  version: string;
  license: string;
  integrity?: string;
  dev?: true;
}

/** The packages in the bundle, which are those without the development ones and the stock binding. */
export async function packages(): Promise<Component[]> {
  const entries = Object.entries(await lockEntries());
  const bundled = entries.filter(([path, { dev }]) => path !== "" && !dev && !path.includes("/@number0/"));
  return await Promise.all(bundled.map(async ([path, entry]) => await packageAt(path, entry)));
}

/** The runtime in the program. */
export async function runtime(): Promise<Component> {
  const path = "node_modules/deno";
  const { version, license } = JSON.parse(await Deno.readTextFile(join(ROOT, path, "package.json")));
  return await packageAt(path, { ...(await lockEntries())[path], version, license });
}

async function packageAt(path: string, { version, license, integrity }: LockEntry): Promise<Component> {
  return {
    kind: "npm",
    name: path.replace(/^.*node_modules\//, ""),
    version,
    licence: license,
    texts: await textsIn(join(ROOT, path)),
    sha512: /^sha512-(\S+)$/.exec(integrity ?? "")?.[1],
  };
}

async function lockEntries(): Promise<Record<string, LockEntry>> {
  return JSON.parse(await Deno.readTextFile(join(ROOT, "package-lock.json"))).packages;
}

interface Metadata {
  packages: { id: string; name: string; version: string; license: string; manifest_path: string }[];
  resolve: {
    root: string;
    nodes: { id: string; deps: { pkg: string; dep_kinds: { kind: string | null }[] }[] }[];
  };
}

/** What a crate is built from for a system by rustc's name, by default this one. Throws if cargo fails. */
export async function cratesOf(folder: string, target?: string): Promise<Component[]> {
  const system = target ?? /^host: (\S+)$/m.exec(await output("rustc", ["-vV"]))![1];
  const printed = await output("cargo", [
    "metadata",
    "--format-version=1",
    "--locked",
    `--filter-platform=${system}`,
    `--manifest-path=${join(folder, "Cargo.toml")}`,
  ]);
  const { packages, resolve }: Metadata = JSON.parse(printed);
  const needs = new Map(resolve.nodes.map(({ id, deps }) => [id, deps]));
  const found = new Set<string>();
  const follow = (id: string): void => {
    if (found.has(id)) return;
    found.add(id);
    // Build and test dependencies are not in it.
    for (const { pkg, dep_kinds } of needs.get(id)!) {
      if (dep_kinds.some(({ kind }) => kind === null)) follow(pkg);
    }
  };
  follow(resolve.root);
  const others = packages.filter(({ id }) => found.has(id) && id !== resolve.root);
  return await Promise.all(others.map(async ({ name, version, license, manifest_path }) => {
    const texts = await textsIn(dirname(manifest_path));
    return { kind: "cargo" as const, name, version, licence: license, texts };
  }));
}

async function textsIn(folder: string): Promise<string[]> {
  const files = (await readdir(folder)).filter((file) => LICENCE_FILE.test(file)).sort();
  const texts = await Promise.all(files.map((file) => Deno.readTextFile(join(folder, file)).catch(() => "")));
  return texts.map((text) => text.replaceAll("\r\n", "\n").trim()).filter(Boolean);
}
