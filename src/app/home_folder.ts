// The permissions of pli's folder. A folder that pli creates is private to its user. The mode of an existing one is
// changed only if it contains nothing but pli's files. Otherwise it is used unchanged, because its files have private
// modes, or refused, if another user could replace them:
//
//     owner is another user                      refused (home_foreign)
//     others can write, and pli did not make it  refused (home_shared): /tmp, a shared folder
//     others can rename a folder above it        refused (home_shared): writable by all and not sticky
//
// On Windows the access list does this for the default folder: LOCALAPPDATA is private to its user. A folder elsewhere
// has the list of the folder above it, which is not changed.

import { dirname, join } from "node:path";
import { ownUser } from "../engine/disk/own_user.ts";
import { syncFolder } from "../engine/disk/sync_folder.ts";
import { AppError, homeFault } from "./errors.ts";
import { namesIn } from "./private_files.ts";
import { kindOf, setAside } from "./set_aside.ts";

const OTHERS = 0o077;
const OTHERS_WRITE = 0o022;
const ALL_WRITE = 0o002;
const STICKY = 0o1000;
const SPECIAL = 0o7000;
const ADMINISTRATOR = 0;
/** Names of pli's files in its folder, with logs, locks, temporary files and files that were set aside. */
const OWN_NAME =
  /^(history\.db|hashes\.db|settings\.json|desk\.json|page\.json|page\.lock|shares|downloads|spool|uploads)([.-].*)?$|^open-/;

/** Creates pli's folder, or checks the existing one. Throws `home_*`. */
export async function openHomeFolder(path: string): Promise<void> {
  try {
    if (!await isMade(path)) await checkExisting(path);
    await checkAbove(path);
  } catch (error) {
    throw homeFault(error, path);
  }
}

/** Checks that files can be created in a folder. Throws `home_*`. */
export async function checkWritable(folder: string): Promise<void> {
  try {
    await Deno.remove(await Deno.makeTempFile({ dir: folder, prefix: "open-" }));
  } catch (error) {
    throw homeFault(error, folder);
  }
}

/** Creates a folder inside pli's own, or makes the existing one private. Throws `home_*`. */
export async function openInnerFolder(home: string, name: string): Promise<string> {
  const path = join(home, name);
  try {
    if (kindOf(path) !== "folder" && kindOf(path) !== "nothing") setAside(path);
    if (await isMade(path) || Deno.build.os === "windows") return path;
    const { uid, mode } = await Deno.stat(path);
    if (uid !== ownUser()) throw new AppError("home_foreign", { path });
    // A link, and the permissions of its target, are the user's decision.
    const isLink = (await Deno.lstat(path)).isSymlink;
    if (!isLink && mode !== null && (mode & OTHERS) !== 0) await Deno.chmod(path, mode & 0o777 & ~OTHERS);
    return path;
  } catch (error) {
    throw homeFault(error, path);
  }
}

/** Creates a folder; false if it exists. */
async function isMade(path: string): Promise<boolean> {
  await Deno.mkdir(dirname(path), { recursive: true, mode: 0o700 });
  try {
    await Deno.mkdir(path, { mode: 0o700 });
    await syncFolder(dirname(path));
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return false;
    throw error;
  }
}

async function checkExisting(path: string): Promise<void> {
  const { isDirectory, uid, mode } = await Deno.stat(path);
  if (!isDirectory) throw new AppError("home_unusable", { path }, { cause: new Error("not a folder") });
  if (mode === null || ownUser() === null) return;
  const link = await Deno.lstat(path);
  const isOwnLink = !link.isSymlink || link.uid === ownUser() || link.uid === ADMINISTRATOR;
  if (uid !== ownUser() || !isOwnLink) throw new AppError("home_foreign", { path });
  if ((mode & OTHERS) === 0) return;
  const isOwn = (mode & SPECIAL) === 0 && (await namesIn(path)).every((name) => OWN_NAME.test(name));
  if (isOwn) await Deno.chmod(path, mode & 0o777 & ~OTHERS);
  // Some volumes have one mode for everything.
  const { mode: now } = await Deno.stat(path);
  if (((now ?? 0) & OTHERS_WRITE) !== 0) throw new AppError("home_shared", { path });
}

/** Users who can write to a folder can rename its entries, unless the folder is sticky. */
async function checkAbove(path: string): Promise<void> {
  if (Deno.build.os === "windows") return;
  for (let folder = await Deno.realPath(path); folder !== dirname(folder);) {
    folder = dirname(folder);
    const { mode } = await Deno.stat(folder);
    if (mode !== null && (mode & ALL_WRITE) !== 0 && (mode & STICKY) === 0) {
      throw new AppError("home_shared", { path: folder });
    }
  }
}
