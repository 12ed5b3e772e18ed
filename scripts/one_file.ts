// Builds the program as one file without denort, the part of Deno that `deno compile` downloads: native/launcher, with
// Deno, the bundle and the addon as its compressed payload. `npm run one-file [OUTPUT] [--target PLATFORM] [--fast]`.
// Without --target it is for this system, and built by its own cargo; with it, by the cross compiler on Linux, from the
// prebuilt addon. --fast compresses less, for tests. Prints what is in the file.

import { createHash } from "node:crypto";
import { copyFile, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { addonUrl } from "../src/engine/native/choice.ts";
import { runCommand } from "./command.ts";
import { assertGlibcFloor, crossBuild, fileName, TRIPLES, withoutTime } from "./cross_build.ts";
import { CACHE, requireCargo } from "./native_cargo.mjs";
import { addonOf, NATIVE, prebuiltAddons } from "./prebuilt.mjs";
import { buildBundle, run } from "./programs.ts";
import { projectVersion } from "./project.ts";
import { ALONE, PERMISSIONS, WITHOUT_PACKAGES } from "./run_options.ts";
import { runtimeOf } from "./runtime.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const LAUNCHER = join(NATIVE, "launcher");
/** Levels of zstd. */
const BEST = 19;
const FAST = 3;

export interface OneFileOptions {
  /** By napi-rs' name; this system if it is missing. */
  platform?: string;
  /** The path of the addon in it, instead of the one of the platform. */
  addon?: string;
  /** Compresses less. */
  isFast?: boolean;
}

/** Builds into `output`. Resolves to a description of the content. Throws an Error that says what is missing. */
export async function oneFile(output: string, options: OneFileOptions = {}): Promise<string> {
  const { platform, isFast } = options;
  if (platform !== undefined && !(platform in TRIPLES)) {
    throw new Error(`${platform} is none of ${Object.keys(TRIPLES).join(", ")}`);
  }
  const folder = await Deno.makeTempDir({ prefix: "pli-one-file-" });
  try {
    const isWindows = platform === undefined ? Deno.build.os === "windows" : platform.startsWith("win32");
    // Under this name the system shows the process.
    const runtime = join(folder, isWindows ? "pli.exe" : "pli");
    await copyFile(await runtimeOf(platform), runtime);
    const script = join(folder, "pli.js");
    await buildBundle(script);
    const addon = join(folder, "pli_native.node");
    await writeFile(
      addon,
      options.addon === undefined ? await addonFor(platform) : await readFile(options.addon),
    );
    const files = [runtime, script, addon];
    const version = await projectVersion();
    const launcher = join(folder, "launcher");
    await writeFile(launcher, await launcherFor(platform));
    const made = join(folder, "made");
    await run(await packer(), [
      launcher,
      made,
      `${version}-${await digestOf([launcher, ...files])}`,
      String(isFast ? FAST : BEST),
      ...files,
      "--",
      "run",
      ...ALONE,
      ...WITHOUT_PACKAGES,
      ...PERMISSIONS,
    ]);
    await Deno.chmod(made, 0o755).catch(() => {});
    await mkdir(dirname(output), { recursive: true });
    await copyFile(made, `${output}.new`);
    await rename(`${output}.new`, output);
    const parts = await Promise.all(
      [launcher, ...files].map(async (path) => `  ${basename(path)} ${await sizeOf(path)}\n`),
    );
    return `${output}: ${await sizeOf(output)}, which contains\n${parts.join("")}`;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The addon of a platform; without one, of this system. Throws an Error that says how to get it. */
export async function addonFor(platform: string | undefined): Promise<Uint8Array> {
  const named = Deno.env.get("NATIVE_ADDON") ?? (platform === undefined ? addonUrl() : null);
  if (named !== null) return await readFile(named);
  const prebuilt = prebuiltAddons().find((addon) => addon.platform === platform);
  if (prebuilt !== undefined) return addonOf(prebuilt);
  throw new Error(
    platform === undefined
      ? "there is no native addon: npm run native builds it"
      : `there is no addon for ${platform}: npm run native:prebuild -- ${platform} builds it`,
  );
}

/** The launcher as a program of a platform. */
async function launcherFor(platform: string | undefined): Promise<Uint8Array> {
  if (platform === undefined) {
    const name = Deno.build.os === "windows" ? "pli-launcher.exe" : "pli-launcher";
    return await readFile(join(await cargo("pli-launcher"), name));
  }
  const folder = await crossBuild(LAUNCHER, platform, ["--bin", "pli-launcher"]);
  const path = join(folder, fileName("program", "pli-launcher", platform));
  if (platform.startsWith("linux")) await assertGlibcFloor(path);
  return withoutTime(await readFile(path));
}

/** The program that writes payloads, for this system. */
async function packer(): Promise<string> {
  return join(await cargo("pack"), Deno.build.os === "windows" ? "pack.exe" : "pack");
}

/** Builds a program of the launcher's crate for this system; resolves to its folder. */
async function cargo(program: string): Promise<string> {
  requireCargo();
  const target = join(CACHE, "launcher");
  const manifest = join(LAUNCHER, "Cargo.toml");
  const options = [
    "--locked",
    "--quiet",
    "--release",
    `--manifest-path=${manifest}`,
    `--target-dir=${target}`,
  ];
  await run("cargo", ["build", ...options, "--bin", program]);
  return join(target, "release");
}

/** 16 hexadecimal digits: files that differ are unpacked into folders that differ. */
async function digestOf(paths: readonly string[]): Promise<string> {
  const hash = createHash("sha256");
  for (const path of paths) {
    const content = await readFile(path);
    hash.update(`${basename(path)} ${content.length}\n`).update(content);
  }
  return hash.digest("hex").slice(0, 16);
}

async function sizeOf(path: string): Promise<string> {
  return `${((await Deno.stat(path)).size / 1e6).toFixed(1)} MB`;
}

if (import.meta.main) {
  const usage = `npm run one-file -- [FILE] [--target ${Object.keys(TRIPLES).join("|")}] [--fast]`;
  const options = { target: { type: "string" }, fast: { type: "boolean" } } as const;
  await runCommand(
    { usage, options, operands: [0, 1] },
    async ({ values: { target, fast }, positionals: [output] }) => {
      const platform = target as string | undefined;
      const isWindows = platform?.startsWith("win32") ?? Deno.build.os === "windows";
      const path = output ?? join(ROOT, "dist", isWindows ? "pli.exe" : "pli");
      return await oneFile(resolve(path), { platform, isFast: fast === true });
    },
  );
}
