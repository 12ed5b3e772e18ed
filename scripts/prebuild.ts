// Builds the prebuilt addons of native/prebuilt: `npm run native:prebuild [PLATFORM…]`, by default of all platforms. It
// needs Linux, rustup, and pip for the cross compiler, zig, which is kept in the cache folder. The bytes of an addon
// depend on the sources, the lock files and the pinned tools only: paths and times are removed. `--check` builds nothing
// and fails unless every tarball was built from the present sources for the present version; `--into FOLDER` writes
// elsewhere, for a comparison. A release renews them.

import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { runCommand } from "./command.ts";
import { cratesOf } from "./components.ts";
import { assertGlibcFloor, crossBuild, fileName, TRIPLES, withoutTime } from "./cross_build.ts";
import { written } from "./licences.ts";
import { fail, prepare } from "./native_cargo.mjs";
import { nativeDigest, sourcesLevel } from "./native_digest.mjs";
import { addonName, NATIVE, PLATFORMS, type Prebuilt, prebuiltAddons, sha256Of } from "./prebuilt.mjs";
import { gzipped } from "./programs.ts";
import { projectVersion } from "./project.ts";
import { filesOf, tarOf } from "./tarball.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PREBUILT = join(NATIVE, "prebuilt");

/** Builds the addons of platforms into a folder. */
async function prebuildAll(platforms: readonly string[], folder: string): Promise<void> {
  const unknown = platforms.find((platform) => !(platform in TRIPLES));
  if (unknown !== undefined) fail(`${unknown} is none of ${Object.keys(TRIPLES).join(", ")}.`);
  prepare();
  await mkdir(folder, { recursive: true });
  for (const platform of platforms) await prebuild(platform, folder);
}

/** Fails unless the tarballs are of these sources and this version. */
async function check(): Promise<void> {
  const version = await projectVersion();
  const digest = nativeDigest(NATIVE);
  const addons = prebuiltAddons();
  for (const platform of Object.keys(TRIPLES)) {
    const addon = addons.find((one) => one.platform === platform);
    if (addon?.sourcesDigest !== digest || addon.file !== tarballName(platform, version)) {
      return fail(`The prebuilt addon for ${platform} is not of these sources: run npm run native:prebuild.`);
    }
    const tarball = await readFile(join(PREBUILT, addon.file));
    if (sha256Of(tarball) !== addon.sha256) fail(`${addon.file} is not the one of the index.`);
  }
}

/** Builds the addon of a platform, packs it into a folder and enters it into the index there. */
async function prebuild(platform: string, folder: string): Promise<void> {
  const built = join(await crossBuild(NATIVE, platform), fileName("library", "pli_native", platform));
  const addon = withoutTime(await readFile(built));
  if (platform.startsWith("linux")) await assertGlibcFloor(built);
  const version = await projectVersion();
  const manifest = {
    name: `@pli/native-${platform}`,
    version,
    description: `The native addon of pli for ${platform}`,
    license: "AGPL-3.0-or-later",
    main: addonName(platform),
    files: [addonName(platform), "LICENSE", "LICENCES.txt"],
    engines: { node: ">=20" },
    ...PLATFORMS[platform as keyof typeof PLATFORMS],
  };
  const tarball = await gzipped(tarOf([
    ["package.json", new TextEncoder().encode(`${JSON.stringify(manifest, null, 2)}\n`)],
    ["LICENSE", await readFile(join(ROOT, "LICENSE"))],
    ["LICENCES.txt", new TextEncoder().encode(written(await cratesOf(NATIVE, TRIPLES[platform])))],
    [addonName(platform), addon],
  ]));
  // What is published must be readable by what installs it.
  if (filesOf(tarball).size !== 4) throw new Error("a tarball cannot be read back");
  const file = tarballName(platform, version);
  await writeFile(join(folder, file), tarball);
  await enter({
    platform,
    file,
    sha256: sha256Of(tarball),
    patchLevel: sourcesLevel(NATIVE),
    sourcesDigest: nativeDigest(NATIVE),
  }, folder);
  await print(`${file}: ${megabytes(tarball.length)} packed, ${megabytes(addon.length)} unpacked\n`);
}

/** Enters a tarball into the index of a folder in place of the platform's former one, whose file is removed. */
async function enter(entry: Prebuilt, folder: string): Promise<void> {
  const path = join(folder, "index.json");
  const { addons }: { addons: Prebuilt[] } = await readFile(path, "utf8").then(
    JSON.parse,
    () => ({ addons: [] }),
  );
  const others = addons.filter(({ platform }) => platform !== entry.platform);
  const all = [...others, entry].sort((one, other) => one.platform < other.platform ? -1 : 1);
  await writeFile(path, `${JSON.stringify({ addons: all }, null, 2)}\n`);
  const kept = all.map(({ file }) => file);
  for (const name of await readdir(folder)) {
    if (name.endsWith(".tgz") && !kept.includes(name)) await rm(join(folder, name));
  }
}

function tarballName(platform: string, version: string): string {
  return `pli-native-${platform}-${version}.tgz`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

async function print(text: string): Promise<void> {
  await Deno.stdout.write(new TextEncoder().encode(text));
}

if (import.meta.main) {
  const all = Object.keys(TRIPLES);
  const usage = `npm run native:prebuild -- [${all.join("|")}…] [--into FOLDER] | --check`;
  const options = { into: { type: "string" }, check: { type: "boolean" } } as const;
  const line = { usage, options, operands: [0, all.length] } as const;
  await runCommand(line, async ({ values: { into, check: isCheck }, positionals }) => {
    if (isCheck === true) return await check();
    const folder = into === undefined ? PREBUILT : resolve(into as string);
    await prebuildAll(positionals.length > 0 ? positionals : all, folder);
  });
}
