// The meaning of `-o PATH`. For a path that is no folder it depends on the offer: one file gets that name, several
// files go into a folder of that name.

import { basename, dirname, join, resolve } from "node:path";

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

/** Whether a path is a folder, or a folder can be created there: what exists of the path are folders. */
export async function canBeFolder(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isDirectory;
  } catch (error) {
    // What cannot be examined is reported when it is used.
    if (error instanceof Deno.errors.PermissionDenied) return true;
    if (!(error instanceof Deno.errors.NotFound)) return false;
    const isBrokenLink = await Deno.lstat(path).then(() => true, () => false);
    return !isBrokenLink && dirname(path) !== path && await canBeFolder(dirname(path));
  }
}

/** The reason for which an existing path accepts neither files nor the bytes of one. */
export type OutputFault = "symlink_broken" | "special_file";

/** Names of open files of a process. */
const OPEN_FILE = /^[/]dev[/](std(in|out|err)|fd[/]\d+)$|^[/]proc[/][\w-]+([/]task[/]\d+)?[/]fd[/]\d+$/;
/** Files of the system, which Deno refuses unless it has all permissions. Memory (/dev/shm) is a volume like others. */
const SYSTEM_FILE = /^[/](dev|proc|sys)[/](?!shm[/])/;
/** Maximum number of links that Linux follows. */
const MAXIMUM_LINKS = 40;

/**
 * The defect of a path: a broken link, a device, a FIFO, an open file of a process. Null if the path is usable or does
 * not exist.
 */
export async function outputFault(path: string): Promise<OutputFault | null> {
  if (await isOpenFile(path)) return "special_file";
  try {
    const { isFile, isDirectory } = await Deno.stat(path);
    return isFile || isDirectory ? null : "special_file";
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable && SYSTEM_FILE.test(path)) return "special_file";
    return await Deno.lstat(path).then(({ isSymlink }) => isSymlink ? "symlink_broken" : null, () => null);
  }
}

/**
 * Whether a path leads over an open file of a process, such as /dev/stdout. It may be a regular file elsewhere, and
 * pli would create another one beside the name, in /dev.
 */
async function isOpenFile(path: string): Promise<boolean> {
  for (let links = 0; links < MAXIMUM_LINKS; links++) {
    const folder = await Deno.realPath(dirname(path)).catch(() => dirname(path));
    const whole = join(folder, basename(path));
    if (OPEN_FILE.test(whole)) return true;
    const target = await Deno.readLink(whole).catch(() => null);
    if (target === null) return false;
    path = resolve(folder, target);
  }
  return false;
}

async function isFolder(path: string): Promise<boolean> {
  return await Deno.stat(path).then((status) => status.isDirectory, () => false);
}
