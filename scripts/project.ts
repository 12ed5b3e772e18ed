// What package.json says of the project.

import { readFile } from "node:fs/promises";

const MANIFEST = new URL("../package.json", import.meta.url);

/** The version of pli that is built. */
export async function projectVersion(): Promise<string> {
  return JSON.parse(await readFile(MANIFEST, "utf8")).version;
}
