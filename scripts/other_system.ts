// Another system on which scripts/run_tests.ts runs suites of this project: Linux on arm64 by qemu, Windows by Wine. What
// both need: a copy of the project with the addon of the platform, and the program of each kind for it. Nothing of it
// stays after the run except what is kept in the cache folder.

import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { PATCH_LEVEL } from "../src/engine/native/choice.ts";
import { ensurePage } from "./build_page.ts";
import { crossBuild, fileName, withoutTime } from "./cross_build.ts";
import { prepare } from "./native_cargo.mjs";
import { sourcesLevel } from "./native_digest.mjs";
import { oneFile } from "./one_file.ts";
import { addonOf, NATIVE, prebuiltAddons } from "./prebuilt.mjs";
import { buildBundle, exists, output } from "./programs.ts";
import { linuxOnArm64 } from "./qemu.ts";
import type { ProgramKind, Suite, SystemName } from "./suites.ts";
import { windows } from "./wine.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** How programs are run on another system. */
export interface Emulation {
  /** By napi-rs' name. */
  platform: string;
  /** The command of its Deno, in the copy of the project; the arguments follow. `temporary` is for temporary files. */
  deno(temporary: string): string[];
  /** The name there of a path below the folder of the run. */
  nameOf(path: string): string;
  /** Variables of the command. */
  env: Readonly<Record<string, string>>;
}

export interface OtherSystem extends Emulation {
  /** Builds a program for it; resolves to its path there. */
  program(kind: ProgramKind): Promise<string>;
}

/**
 * Prepares a system for suites, in new folders below that of the run. An addon is built only for suites that need one:
 * those of programs. Without a prebuilt one the other suites leave out its tests. Throws an Error that says what is
 * missing.
 */
export async function otherSystem(
  name: SystemName,
  work: string,
  suites: readonly Suite[],
): Promise<OtherSystem> {
  const emulation = name === "arm64" ? await linuxOnArm64(work) : await windows(work);
  const { platform } = emulation;
  const isNeeded = suites.some(({ program }) => program !== undefined);
  const bytes = await addonThatIsThere(platform) ?? (isNeeded ? await builtAddon(platform) : null);
  const addon = join(work, "addon.node");
  if (bytes !== null) await writeFile(addon, bytes);
  await copyProject(join(work, "project"), bytes);
  const programs = new Map<ProgramKind, Promise<string>>();
  const build = async (kind: ProgramKind) => {
    const folder = join(work, kind);
    await mkdir(folder);
    const isWindows = platform.startsWith("win32");
    const path = join(folder, kind === "bundle" ? "pli.js" : isWindows ? "pli.exe" : "pli");
    if (kind === "one_file") {
      await oneFile(path, { platform, addon, isFast: true });
    } else {
      await buildBundle(path);
      await copyFile(addon, join(folder, "pli_native.node"));
    }
    return emulation.nameOf(path);
  };
  return {
    ...emulation,
    program: (kind) => programs.get(kind) ?? programs.set(kind, build(kind)).get(kind)!,
  };
}

/** The addon that NATIVE_ADDON names, else the prebuilt one of the sources' patch level; null if there is none. */
async function addonThatIsThere(platform: string): Promise<Uint8Array | null> {
  const named = Deno.env.get("NATIVE_ADDON");
  if (named !== undefined) return await readFile(named);
  const prebuilt = prebuiltAddons().find((addon) =>
    addon.platform === platform && addon.patchLevel === sourcesLevel(NATIVE)
  );
  return prebuilt === undefined ? null : addonOf(prebuilt);
}

async function builtAddon(platform: string): Promise<Uint8Array> {
  prepare();
  const built = join(await crossBuild(NATIVE, platform), fileName("library", "pli_native", platform));
  return withoutTime(await readFile(built));
}

/** Copies the files of the project, without node_modules, and installs an addon in the copy, if there is one. */
async function copyProject(folder: string, addon: Uint8Array | null): Promise<void> {
  await ensurePage();
  const listed = await output("git", [
    "-C",
    ROOT,
    "ls-files",
    "-z",
    "--cached",
    "--others",
    "--exclude-standard",
  ]);
  const paths = new Set([...listed.split("\0").filter((path) => path !== ""), "src/web/built_page.ts"]);
  for (const path of paths) {
    // Git lists what was removed and is not committed.
    if (!await exists(join(ROOT, path))) continue;
    await mkdir(join(folder, dirname(path)), { recursive: true });
    await copyFile(join(ROOT, path), join(folder, path));
  }
  await mkdir(join(folder, "node_modules"));
  if (addon === null) return;
  const installed = join(folder, "native", "prebuilt", "installed");
  await mkdir(installed, { recursive: true });
  await writeFile(join(installed, `pli_native-${PATCH_LEVEL}.node`), addon);
}
