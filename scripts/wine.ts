// Windows on Linux, by Wine 10 of Debian 13, which is installed into a folder of its own in the cache folder: the Wine of
// Debian 12 does not run Deno. mmdebstrap extracts the packages, and INSTALL does what Wine needs of their maintainer
// scripts, because running all of them takes two minutes instead of half a one. It needs root. What a run writes there,
// and what it mounts, ends with the command: the installation is the lower layer of a file system in memory, in a
// namespace.

import { copyFile, mkdir, rename, rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { CACHE } from "./native_cargo.mjs";
import type { Emulation } from "./other_system.ts";
import { exists, run } from "./programs.ts";
import { runtimeOf } from "./runtime.ts";

/** In the name of the installation's folder: a change of PACKAGES, INSTALL or PREPARE needs another one. */
const REVISION = "wine-debian13-2";
const MIRROR = "http://deb.debian.org/debian";
/** Beside Wine what the commands in the installation are of. */
const PACKAGES = ["base-files", "coreutils", "dash", "libc-bin", "wine", "wine64"];
/** Folders of the installation at which those of a run are mounted. */
const PROJECT = "pli/project";
const WORK = "pli/work";
const TEMPORARY = "root/.wine/drive_c/users/root/AppData/Local/Temp";
const SYSTEM_FOLDERS = `mount -t proc proc "$root/proc"
  mount --rbind /dev "$root/dev"
  mount --rbind /sys "$root/sys"`;
/** Without Gecko and Mono, for which Wine would ask, and without messages of its own. */
const WINE = {
  WINEDEBUG: "-all",
  WINEDLLOVERRIDES: "mscoree,mshtml=",
  HOME: "/root",
  LANG: "C.UTF-8",
};
const ISOLATED = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c"];

/**
 * Parameter: the folder of the installation. As the maintainer script of libwine does, zlib is copied and marked as a
 * library of Wine's own.
 */
const INSTALL = `set -e
  root="$1"
  ${SYSTEM_FOLDERS}
  chroot "$root" ldconfig
  echo root:x:0:0:root:/root:/bin/sh >"$root/etc/passwd"
  for pair in i686:i386 x86_64:x86_64; do
    for library in "$root/usr/\${pair%:*}-w64-mingw32/lib"/zlib*.dll; do
      {
        head -c 64 "$library"
        printf 'Wine builtin DLL'
        head -c 16 /dev/zero
        tail -c +97 "$library"
      } >"$root/usr/lib/x86_64-linux-gnu/wine/\${pair#*:}-windows/\${library##*/}"
    done
  done
  ln -s wine-stable "$root/usr/bin/wine"
  chroot "$root" wine wineboot.exe --init
  chroot "$root" wine reg add 'HKCU\\Software\\Wine\\Drivers' /v Graphics /d null /f
  chroot "$root" wineserver-stable -w
  test -d "$root/${TEMPORARY}"
  rm -rf "$root"/tmp/*
  mkdir -p "$root/${PROJECT}" "$root/${WORK}"`;

/**
 * Parameters: the installation, the folder of the run, the packages' folder, the folder for temporary files, and the
 * command. Wine crashes if TMPDIR is set. The root of the layered file system is the run's folder \`root\`.
 */
const PREPARE = `set -e
  installed="$1" work="$2" packages="$3" temporary="$4"
  shift 4
  root="$work/root"
  mount -t tmpfs tmpfs "$work/layer"
  mkdir "$work/layer/upper" "$work/layer/own"
  mount -t overlay overlay -o "lowerdir=$installed,upperdir=$work/layer/upper,workdir=$work/layer/own" "$root"
  ${SYSTEM_FOLDERS}
  mount --bind "$work" "$root/${WORK}"
  mount --bind "$work/project" "$root/${PROJECT}"
  mount --bind "$packages" "$root/${PROJECT}/node_modules"
  mount -o remount,bind,ro "$root/${PROJECT}/node_modules"
  mount --bind "$temporary" "$root/${TEMPORARY}"
  exec chroot "$root" env -u TMPDIR -C /${PROJECT} wine "$@"`;

/** Prepares the emulation for a run. Throws an Error that says what is missing. */
export async function windows(work: string): Promise<Emulation> {
  const installed = await installation();
  for (const name of ["root", "layer"]) await mkdir(join(work, name));
  const runtime = join(work, "deno.exe");
  await copyFile(await runtimeOf("win32-x64"), runtime);
  const packages = fileURLToPath(new URL("../node_modules", import.meta.url));
  const nameOf = (path: string) => `Z:\\${join(WORK, relative(work, path)).replaceAll("/", "\\")}`;
  return {
    platform: "win32-x64",
    deno: (temporary) => [...ISOLATED, PREPARE, "sh", installed, work, packages, temporary, nameOf(runtime)],
    nameOf,
    env: WINE,
  };
}

/** The folder of the installation, which is made if it is missing. */
async function installation(): Promise<string> {
  if (Deno.uid() !== 0) throw new Error("Wine is installed into a folder of its own, which needs root");
  const folder = join(CACHE, REVISION);
  if (await exists(folder)) return folder;
  const made = `${folder}.${Deno.pid}`;
  try {
    const options = ["--quiet", "--variant=extract", `--include=${PACKAGES}`];
    await run("mmdebstrap", [...options, "trixie", made, MIRROR]).catch((error) => {
      throw new Error(`Debian 13 for Wine cannot be installed: ${error.message}`);
    });
    await run(ISOLATED[0], [...ISOLATED.slice(1), INSTALL, "sh", made], WINE).catch((error) => {
      throw new Error(`Wine cannot be installed: ${error.message}`);
    });
    await rename(made, folder);
  } finally {
    await rm(made, { recursive: true, force: true });
  }
  return folder;
}
