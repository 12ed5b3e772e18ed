// Builds an archive of a release: `npm run release:archive -- NAME`, a name of scripts/release/table.ts, into dist/release.
// It has the program, whose imports are asserted, pli's licence, those of the content, a bill of materials, and README.md.
// An archive of the launcher is built on Linux for each system, one of `deno compile` on its own. The bytes of the former
// depend on the sources and the pinned tools only.

import { chmod, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runCommand } from "../command.ts";
import { compile } from "../compile.ts";
import { componentsOf } from "../components.ts";
import { written } from "../licences.ts";
import { prepare } from "../native_cargo.mjs";
import { addonFor, oneFile } from "../one_file.ts";
import { gzipped } from "../programs.ts";
import { projectVersion } from "../project.ts";
import { runtimeOf } from "../runtime.ts";
import { sbomOf } from "../sbom.ts";
import { tarOf } from "../tarball.mjs";
import { assertImports } from "./imports.ts";
import { type Archive, archiveNamed, ARCHIVES, fileOf, FOLDER, ROOT } from "./table.ts";
import { zipOf } from "./zip.ts";

const USAGE = `npm run release:archive -- ${ARCHIVES.map(({ name }) => name).join("|")}`;
const PROGRAM_MODE = 0o755;
const TEXT_MODE = 0o644;

/** Builds an archive. Resolves to a description of it. Throws an Error that says what is missing or wrong. */
async function buildArchive(archive: Archive): Promise<string> {
  prepare();
  const made = await Deno.makeTempDir({ prefix: "pli-archive-" });
  try {
    const program = join(made, archive.program);
    const description = await buildProgram(archive, program);
    await assertPartsImports(archive, made);
    const components = await componentsOf({ target: archive.triple, hasLauncher: archive.oneFile !== null });
    const text = (content: string) => new TextEncoder().encode(content);
    const packed = await pack(archive, [
      [archive.program, await readFile(program), PROGRAM_MODE],
      ["LICENSE", await readFile(join(ROOT, "LICENSE")), TEXT_MODE],
      ["LICENCES.txt", text(written(components)), TEXT_MODE],
      ["SBOM.cdx.json", text(await sbomOf(components)), TEXT_MODE],
      ["README.md", await readFile(join(ROOT, "README.md")), TEXT_MODE],
    ]);
    const file = fileOf(archive, await projectVersion());
    await mkdir(FOLDER, { recursive: true });
    await writeFile(join(FOLDER, `${file}.new`), packed);
    await chmod(join(FOLDER, `${file}.new`), 0o644);
    await rename(join(FOLDER, `${file}.new`), join(FOLDER, file));
    return `${description}${file}: ${(packed.length / 1e6).toFixed(1)} MB\n`;
  } finally {
    await Deno.remove(made, { recursive: true });
  }
}

/** Builds the program. Resolves to its description. */
async function buildProgram({ name, triple, oneFile: platform }: Archive, path: string): Promise<string> {
  if (platform !== null) return await oneFile(path, { platform });
  // The same processor and system; the addon for Windows has another C library than Deno.
  const [here, there] = [Deno.build.target, triple].map((target) => target.replace(/-(gnu|msvc)$/, ""));
  if (here !== there) {
    throw new Error(`${name} is built on ${there}: deno compile is given the addon of this system`);
  }
  return await compile(path);
}

/** Asserts the imports of the program and of what it unpacks. macOS has all libraries that rustc links. */
async function assertPartsImports(
  { program, oneFile: platform, triple }: Archive,
  made: string,
): Promise<void> {
  if (triple.endsWith("darwin")) return;
  const addon = join(made, "pli_native.node");
  await writeFile(addon, await addonFor(platform ?? undefined));
  const runtime = platform === null ? [] : [await runtimeOf(platform)];
  for (const path of [join(made, program), addon, ...runtime]) await assertImports(path);
}

async function pack({ ending }: Archive, files: [string, Uint8Array, number][]): Promise<Uint8Array> {
  return ending === "zip" ? zipOf(files) : await gzipped(tarOf(files, ""));
}

if (import.meta.main) {
  await runCommand({ usage: USAGE, operands: [1, 1] }, async ({ positionals: [name] }) => {
    return await buildArchive(archiveNamed(name));
  });
}
