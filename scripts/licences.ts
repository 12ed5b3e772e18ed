// Collects the licences of the binary's contents other than pli: the packages in the bundle, the crates in the addon,
// and the runtime. Writes one text, to the given path or to dist/LICENCES.txt. It reads the installed files of npm and
// cargo, so it runs where the addon was built.

import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const LICENCE_FILE = /^(licen[cs]e|copying|notice|unlicense)/i;

export interface Component {
  /** Name and version. */
  name: string;
  /** The SPDX expression of its manifest. */
  licence: string;
  texts: readonly string[];
}

/** The packages in the bundle, which are those without the development ones and the stock binding. */
export async function packages(): Promise<Component[]> {
  const lock = JSON.parse(await Deno.readTextFile(join(ROOT, "package-lock.json")));
  const entries = Object.entries<{ version: string; license: string; dev?: true }>(lock.packages);
  const bundled = entries.filter(([path, { dev }]) => path !== "" && !dev && !path.includes("/@number0/"));
  return await Promise.all(bundled.map(([path, { version, license }]) => {
    return component(`${path.replace(/^.*node_modules\//, "")} ${version}`, license, join(ROOT, path));
  }));
}

/** The runtime in the binary. */
export async function runtime(): Promise<Component> {
  const folder = join(ROOT, "node_modules", "deno");
  const { version, license } = JSON.parse(await Deno.readTextFile(join(folder, "package.json")));
  return await component(`deno ${version}`, license, folder);
}

interface Metadata {
  packages: { id: string; name: string; version: string; license: string; manifest_path: string }[];
  resolve: {
    root: string;
    nodes: { id: string; deps: { pkg: string; dep_kinds: { kind: string | null }[] }[] }[];
  };
}

/** The crates in the addon for a system by rustc's name, by default this one. Throws if cargo fails. */
export async function crates(target?: string): Promise<Component[]> {
  const manifest = join(ROOT, "native", "Cargo.toml");
  const system = target ?? /^host: (\S+)$/m.exec(await output("rustc", "-vV"))![1];
  const options = [
    "--format-version=1",
    "--locked",
    `--filter-platform=${system}`,
    `--manifest-path=${manifest}`,
  ];
  const { packages, resolve }: Metadata = JSON.parse(await output("cargo", "metadata", ...options));
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
  return await Promise.all(others.map(({ name, version, license, manifest_path }) => {
    return component(`${name} ${version}`, license, dirname(manifest_path));
  }));
}

/** One text: the licence of each component, then each licence text once, under the names of its components. */
export function written(components: readonly Component[]): string {
  const carriers = new Map<string, string[]>();
  for (const { name, texts } of components) {
    for (const text of texts) carriers.set(text, [...carriers.get(text) ?? [], name]);
  }
  const list = components.map(({ name, licence }) => `${name}: ${licence}\n`);
  const texts = [...carriers].map(([text, names]) => `\n${"=".repeat(80)}\n${names.join(", ")}\n\n${text}\n`);
  return `pli is under the GNU Affero General Public License, version 3 or later: see LICENSE.
It contains what follows, each under the licence of its own.

${list.join("")}${texts.join("")}`;
}

async function component(name: string, licence: string, folder: string): Promise<Component> {
  const files = (await readdir(folder)).filter((file) => LICENCE_FILE.test(file)).sort();
  const texts = await Promise.all(files.map((file) => Deno.readTextFile(join(folder, file)).catch(() => "")));
  return { name, licence, texts: texts.map((text) => text.replaceAll("\r\n", "\n").trim()).filter(Boolean) };
}

async function output(program: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args, stdin: "null" }).output();
  const text = new TextDecoder();
  if (!success) throw new Error(`${program} ${args[0]} failed:\n${text.decode(stderr)}`);
  return text.decode(stdout);
}

if (import.meta.main) {
  const path = Deno.args[0] ?? join(ROOT, "dist", "LICENCES.txt");
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.writeTextFile(path, written([await runtime(), ...await packages(), ...await crates()]));
}
