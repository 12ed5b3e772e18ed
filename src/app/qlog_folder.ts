// The folder in which the addon writes a qlog file for each connection.

import { resolve } from "node:path";
import { checkWritable } from "./home_folder.ts";

/**
 * Creates the folder with mode 0700 if it is missing. Resolves to its absolute path. Throws if no file can be created
 * in it.
 */
export async function openQlogFolder(path: string): Promise<string> {
  const folder = resolve(path);
  await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  await checkWritable(folder);
  return folder;
}
