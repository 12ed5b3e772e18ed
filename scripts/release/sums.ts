// Writes SHA256SUMS of a release, in the format of sha256sum: `npm run release:sums [-- FOLDER]`, by default dist/release.
// It fails unless the folder has each file of the release, and no other.

import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runCommand } from "../command.ts";
import { sha256Of } from "../prebuilt.mjs";
import { projectVersion } from "../project.ts";
import { debNames } from "../package_deb.ts";
import { ARCHIVES, fileOf, FOLDER } from "./table.ts";

const NAME = "SHA256SUMS";

/** The files of a release: the archives, Debian's packages, and the script that installs an archive. */
export function filesOfRelease(version: string): string[] {
  return [...ARCHIVES.map((archive) => fileOf(archive, version)), ...debNames(version), "install.sh"].sort();
}

/** Writes the file into a folder. Throws an Error that names the files that are missing or too many. */
export async function writeSums(folder: string): Promise<void> {
  const expected = filesOfRelease(await projectVersion());
  const found = (await readdir(folder)).filter((name) => name !== NAME);
  const missing = expected.filter((name) => !found.includes(name));
  const others = found.filter((name) => !expected.includes(name));
  if (missing.length + others.length > 0) {
    throw new Error(
      `missing: ${missing.join(", ") || "none"}; not of this release: ${others.join(", ") || "none"}`,
    );
  }
  const lines = await Promise.all(
    expected.map(async (name) => `${sha256Of(await readFile(join(folder, name)))}  ${name}\n`),
  );
  await writeFile(join(folder, NAME), lines.join(""));
}

if (import.meta.main) {
  await runCommand(
    { usage: "npm run release:sums -- [FOLDER]", operands: [0, 1] },
    async ({ positionals: [folder = FOLDER] }) => await writeSums(folder),
  );
}
