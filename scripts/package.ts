// Builds the engine as a package for npm: dist/package, or the folder given. Name, version and entries are those of
// deno.json, which JSR reads. It has the prebuilt addons. Node.js 20 runs no TypeScript, so the entries are
// bundled into JavaScript; what they share is in files of its own, or there would be two of each class. Types are
// Deno's declarations of the sources.

import { build } from "esbuild";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { runCommand } from "./command.ts";
import { emptyPackageFolder } from "./emptied_folder.ts";
import { type AddonPlace, packageAddons } from "./package_addons.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** Where the types are in the package. */
const TYPES = "types";
/** What is read beside the sources. */
const DOCUMENTS = { "README.md": "docs/library.md", LICENSE: "LICENSE" };
/** `process.getBuiltinModule` is there from here on. */
const NODE = ">=20.16";

interface Project {
  name: string;
  version: string;
  license: string;
  exports: Record<string, string>;
}

/** Builds the package in a folder, which is emptied. Throws an Error if the folder has anything else. */
export async function buildPackage(folder: string, addons: AddonPlace = "inside"): Promise<void> {
  const project: Project = JSON.parse(await readFile(join(ROOT, "deno.json"), "utf8"));
  const { dependencies } = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8"));
  const entries = Object.entries(project.exports).map(([path, source]) => ({
    path,
    source: join(ROOT, source),
    file: path === "." ? "index" : basename(path),
  }));
  await emptyPackageFolder(folder, project.name);
  const used = await bundle(entries, folder);
  await writeTypes(entries.map(({ source }) => source), join(folder, TYPES));
  for (const [name, source] of Object.entries(DOCUMENTS)) {
    await copyFile(join(ROOT, source), join(folder, name));
  }
  const typesOf = (source: string) =>
    `./${TYPES}/${relative(join(ROOT, "src"), source).replace(/\.ts$/, ".d.ts")}`;
  const manifest = {
    name: project.name,
    version: project.version,
    description: "Send files and folders straight from one computer to another",
    license: project.license,
    type: "module",
    engines: { node: NODE },
    sideEffects: false,
    exports: Object.fromEntries(
      entries.map(({ path, source, file }) => [path, { types: typesOf(source), default: `./${file}.js` }]),
    ),
    dependencies: Object.fromEntries(used.map((name) => [name, dependencies[name]])),
    optionalDependencies: await packageAddons(folder, addons),
  };
  await writeFile(join(folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** Bundles the entries; gives the packages that the result imports or requires. */
async function bundle(
  entries: readonly { source: string; file: string }[],
  folder: string,
): Promise<string[]> {
  const { metafile } = await build({
    entryPoints: entries.map(({ source, file }) => ({ in: source, out: file })),
    outdir: folder,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    packages: "external",
    metafile: true,
    logLevel: "error",
  });
  const imported = Object.values(metafile.outputs).flatMap(({ imports }) =>
    imports.filter(({ external, path }) => external && !path.startsWith("node:")).map(({ path }) => path)
  );
  // The binding is machine code, required by its path.
  return [...new Set([...imported, "@number0/iroh"])].sort();
}

/** Writes the declarations of what the entries name, directly or over others, in the folders of the sources. */
async function writeTypes(sources: readonly string[], folder: string): Promise<void> {
  const all = await Deno.makeTempDir({ prefix: "pli-types-" });
  try {
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["transpile", "--declaration", "--outdir", all, ...sources],
      cwd: ROOT,
      env: { DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" },
      stdin: "null",
      stdout: "null",
    }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
    const base = join(all, "src");
    const waiting = sources.map((source) => join(base, relative(join(ROOT, "src"), source)));
    const written = new Set<string>();
    for (let source = waiting.pop(); source !== undefined; source = waiting.pop()) {
      if (written.has(source)) continue;
      written.add(source);
      const text = await readFile(source.replace(/\.ts$/, ".d.ts"), "utf8");
      const target = join(folder, relative(base, source)).replace(/\.ts$/, ".d.ts");
      await mkdir(dirname(target), { recursive: true });
      await writeFile(
        target,
        // The first line has the path of the source on this computer.
        text.replace(/^\/\/\/ <amd-module .*\n/, "").replace(
          /(from |import\()"(\.[^"]*)\.ts"/g,
          (_all, before: string, path: string) => {
            waiting.push(join(dirname(source), `${path}.ts`));
            return `${before}"${path}.js"`;
          },
        ),
      );
    }
  } finally {
    await Deno.remove(all, { recursive: true });
  }
}

if (import.meta.main) {
  await runCommand(
    {
      usage: "npm run package -- [FOLDER]",
      operands: [0, 1],
    },
    async ({ positionals: [folder = join(ROOT, "dist", "package")] }) => await buildPackage(resolve(folder)),
  );
}
