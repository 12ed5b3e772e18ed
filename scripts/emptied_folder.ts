// The folders that a script empties before it writes into them. What the script did not write stays: a folder that has
// anything else is refused.

import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Makes or empties a folder for files whose names a pattern has. Throws an Error if it has others. */
export async function emptyFolderOf(folder: string, own: RegExp): Promise<void> {
  const names = await namesIn(folder);
  const other = names.find((name) => !own.test(name));
  if (other !== undefined) throw new Error(`${folder} has ${other}: name an empty folder, or a new one.`);
  await empty(folder, names);
}

/** Makes or empties the folder of a package for npm. Throws an Error if it has anything but that package. */
export async function emptyPackageFolder(folder: string, name: string): Promise<void> {
  const names = await namesIn(folder);
  const manifest = join(folder, "package.json");
  if (names.length > 0 && await nameOf(manifest) !== name) {
    throw new Error(`${folder} has files, and not those of ${name}: name an empty folder, or a new one.`);
  }
  await empty(folder, names);
  // A build that is ended has a folder that the next one empties.
  await writeFile(manifest, `${JSON.stringify({ name })}\n`);
}

async function namesIn(folder: string): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  return await readdir(folder);
}

async function empty(folder: string, names: readonly string[]): Promise<void> {
  for (const name of names) await rm(join(folder, name), { recursive: true });
}

/** The name in a package.json; undefined without a valid one. */
async function nameOf(manifest: string): Promise<string | undefined> {
  return await readFile(manifest, "utf8").then((text) => JSON.parse(text)?.name).catch(() => undefined);
}
