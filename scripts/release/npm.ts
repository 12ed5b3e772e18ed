// Writes what a release publishes on npm, as tarballs: the program, the library, and the addons of native/prebuilt, of
// which the two depend: `npm run release:npm [-- FOLDER]`, by default dist/npm-release.

import { chmod, copyFile, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { runCommand } from "../command.ts";
import { PATCH_LEVEL } from "../../src/engine/native/choice.ts";
import { emptyFolderOf } from "../emptied_folder.ts";
import { buildPackage } from "../package.ts";
import { buildProgramPackage } from "../package_program.ts";
import { manifestOf, NATIVE, prebuiltAddons } from "../prebuilt.mjs";
import { run } from "../programs.ts";
import { projectVersion } from "../project.ts";
import { ROOT } from "./table.ts";

/** Writes into a folder, which is emptied. Throws an Error if it has other files, or an addon is not of this version. */
export async function npmPackages(folder: string): Promise<void> {
  await emptyFolderOf(folder, /^pli-[\w.+-]+\.tgz$/);
  const version = await projectVersion();
  for (const entry of prebuiltAddons()) {
    if (entry.patchLevel !== PATCH_LEVEL || manifestOf(entry).version !== version) {
      throw new Error(`${entry.file} is not of version ${version}: npm run native:prebuild`);
    }
    await copyFile(join(NATIVE, "prebuilt", entry.file), join(folder, entry.file));
  }
  for (const build of [buildProgramPackage, buildPackage]) {
    const built = await mkdtemp(join(tmpdir(), "pli-npm-"));
    try {
      await build(built, "beside");
      await setModes(built);
      await run("npm", ["pack", "--silent", "--pack-destination", folder, built]);
    } finally {
      await rm(built, { recursive: true, force: true });
    }
  }
  for (const name of await readdir(folder)) await chmod(join(folder, name), 0o644);
}

/** Gives files the modes that a umask of 022 gives. npm makes those that it starts executable. */
async function setModes(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    await chmod(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644);
  }
}

if (import.meta.main) {
  await runCommand(
    { usage: "npm run release:npm -- [FOLDER]", operands: [0, 1] },
    async ({ positionals: [folder = join(ROOT, "dist", "npm-release")] }) =>
      await npmPackages(resolve(folder)),
  );
}
