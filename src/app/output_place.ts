// The meaning of `-o PATH`. For a path that is no folder it depends on the offer: one file gets that name, several
// files go into a folder of that name.

import { basename, dirname } from "node:path";

/** The folder of a path; `name` is the path's last part if it names an entry of that folder. */
export interface OutputPlace {
  folder: string;
  name: string | null;
}

/** The place of a path: the path itself if it is a folder or ends like one, else a name in the folder above. */
export async function outputPlace(
  typedPath: string,
  absolute: (path: string) => string,
  os = Deno.build.os,
): Promise<OutputPlace> {
  const path = absolute(typedPath);
  const endsAsFolder = /(^|[/])\.{0,2}$/.test(os === "windows" ? typedPath.replaceAll("\\", "/") : typedPath);
  if (endsAsFolder || await isFolder(path)) return { folder: path, name: null };
  return { folder: dirname(path), name: basename(path) };
}

/** The reason for which an existing path accepts neither files nor the bytes of one. */
export type OutputFault = "symlink_broken" | "special_file";

/** The defect of a path: a broken link, a device, a FIFO. Null if the path is usable or does not exist. */
export async function outputFault(path: string): Promise<OutputFault | null> {
  const status = await Deno.stat(path).catch(() => null);
  if (status !== null) return status.isFile || status.isDirectory ? null : "special_file";
  return await Deno.lstat(path).then(({ isSymlink }) => isSymlink ? "symlink_broken" : null, () => null);
}

async function isFolder(path: string): Promise<boolean> {
  return await Deno.stat(path).then((status) => status.isDirectory, () => false);
}
