// Which file imports which, read by Deno's own parser (`deno info`), and the cycles among them.

import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** An import, export-from, `import()` with a literal, or type import. */
export interface Import {
  /** As it is written. */
  specifier: string;
  /** The file that it is, relative to the root of the project; null for packages and the platform's modules. */
  target: string | null;
  /** Whether only types are imported, so that it is removed at run time. */
  isType: boolean;
  isDynamic: boolean;
}

export type ImportGraph = ReadonlyMap<string, readonly Import[]>;

interface Resolved {
  specifier?: string;
}

interface Module {
  specifier: string;
  error?: string;
  dependencies?: readonly { specifier: string; code?: Resolved; type?: Resolved; isDynamic?: boolean }[];
}

/** Reads the imports of files below `root`. Throws when one of them, or what it imports, is not there or wrong. */
export async function importsOf(root: string, paths: readonly string[]): Promise<ImportGraph> {
  const entry = await Deno.makeTempFile({ prefix: "pli-imports-", suffix: ".ts" });
  try {
    const urls = paths.map((path) => pathToFileURL(join(root, path)).href);
    await Deno.writeTextFile(entry, urls.map((url) => `import ${JSON.stringify(url)};\n`).join(""));
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["info", "--json", entry],
      cwd: root,
      env: { DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" },
      stdin: "null",
    }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
    const { modules }: { modules: Module[] } = JSON.parse(new TextDecoder().decode(stdout));
    const byUrl = new Map(modules.map((module) => [module.specifier, module]));
    return new Map(paths.map((path, index) => {
      const module = byUrl.get(urls[index]);
      if (module === undefined || module.error !== undefined) {
        throw new Error(`${path}: ${module?.error ?? "cannot be read"}`);
      }
      return [path, (module.dependencies ?? []).map((dependency) => toImport(root, dependency))];
    }));
  } finally {
    await Deno.remove(entry);
  }
}

function toImport(
  root: string,
  { specifier, code, type, isDynamic = false }: NonNullable<Module["dependencies"]>[number],
): Import {
  const base = pathToFileURL(join(root, "/")).href;
  const url = (code ?? type)?.specifier;
  const isFile = url !== undefined && /^[./]/.test(specifier) && url.startsWith(base);
  const target = isFile ? fileURLToPath(url).slice(fileURLToPath(base).length).replaceAll("\\", "/") : null;
  return { specifier, target, isType: code === undefined, isDynamic };
}

/** Groups of files each of which imports, directly or over others, all of its group; by Tarjan's algorithm. */
export function cyclesOf(graph: ImportGraph): string[][] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const stack: string[] = [];
  const cycles: string[][] = [];
  const visit = (path: string): void => {
    order.set(path, order.size);
    lowest.set(path, order.get(path)!);
    stack.push(path);
    const lower = (value: number) => lowest.set(path, Math.min(lowest.get(path)!, value));
    let importsItself = false;
    for (const { target } of graph.get(path) ?? []) {
      if (target === null || !graph.has(target)) continue;
      if (target === path) importsItself = true;
      if (!order.has(target)) {
        visit(target);
        lower(lowest.get(target)!);
      } else if (stack.includes(target)) lower(order.get(target)!);
    }
    if (lowest.get(path) !== order.get(path)) return;
    const group = stack.splice(stack.indexOf(path));
    if (group.length > 1 || importsItself) cycles.push(group.sort());
  };
  for (const path of graph.keys()) if (!order.has(path)) visit(path);
  return cycles;
}
