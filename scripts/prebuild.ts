// Builds the prebuilt addons of native/prebuilt: `npm run native:prebuild [PLATFORM…]`, by default of all platforms. It
// needs Linux, rustup, and pip for the cross compiler, zig, which is kept in the cache folder. The bytes of an addon
// depend on the sources, the lock files and the pinned tools only: paths and times are removed. `--check` builds nothing
// and fails unless every tarball was built from the present sources for the present version; `--into FOLDER` writes
// elsewhere, for a comparison. A release renews them.

import { copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { crates, written } from "./licences.ts";
import { CACHE, fail, prepare } from "./native_cargo.mjs";
import { nativeDigest, RUST_VERSION, sourcesLevel } from "./native_digest.mjs";
import {
  addonName,
  GLIBC_FLOOR,
  NATIVE,
  PLATFORMS,
  type Prebuilt,
  prebuiltAddons,
  sha256Of,
} from "./prebuilt.mjs";
import { filesOf, tarOf } from "./tarball.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PREBUILT = join(NATIVE, "prebuilt");
/** Where cargo builds. Not where `npm run native` does, which would wait. */
const TARGET = join(CACHE, "prebuilt");

/** The targets by rustc's names, and the libraries that cargo makes for them. */
const TARGETS: Readonly<Record<string, { triple: string; library: string }>> = {
  "linux-x64-gnu": { triple: "x86_64-unknown-linux-gnu", library: "libpli_native.so" },
  "linux-arm64-gnu": { triple: "aarch64-unknown-linux-gnu", library: "libpli_native.so" },
  "win32-x64": { triple: "x86_64-pc-windows-gnu", library: "pli_native.dll" },
};

if (import.meta.main) await main(Deno.args);

async function main(args: readonly string[]): Promise<void> {
  if (args.includes("--check")) return await check();
  const into = args.indexOf("--into");
  const folder = into < 0 ? PREBUILT : args[into + 1];
  const named = into < 0 ? args : args.toSpliced(into, 2);
  const platforms = named.length > 0 ? named : Object.keys(TARGETS);
  const unknown = platforms.find((platform) => !(platform in TARGETS));
  if (unknown !== undefined) fail(`${unknown} is none of ${Object.keys(TARGETS).join(", ")}.`);
  prepare();
  const tools = await crossCompiler();
  await mkdir(folder, { recursive: true });
  for (const platform of platforms) await prebuild(platform, tools, folder);
}

/** Fails unless the tarballs are of these sources and this version. */
async function check(): Promise<void> {
  const version = await projectVersion();
  const digest = nativeDigest(NATIVE);
  const addons = prebuiltAddons();
  for (const platform of Object.keys(TARGETS)) {
    const addon = addons.find((one) => one.platform === platform);
    if (addon?.sourcesDigest !== digest || addon.file !== tarballName(platform, version)) {
      return fail(`The prebuilt addon for ${platform} is not of these sources: run npm run native:prebuild.`);
    }
    const tarball = await readFile(join(PREBUILT, addon.file));
    if (sha256Of(tarball) !== addon.sha256) fail(`${addon.file} is not the one of the index.`);
  }
}

/** Builds the addon of a platform, packs it into a folder and enters it into the index there. */
async function prebuild(platform: string, tools: string, folder: string): Promise<void> {
  const { triple, library } = TARGETS[platform];
  await build(triple, tools);
  const addon = withoutTime(await readFile(join(TARGET, triple, "release", library)));
  if (platform.startsWith("linux")) await assertGlibcFloor(join(TARGET, triple, "release", library));
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
    ["LICENCES.txt", new TextEncoder().encode(written(await crates(triple)))],
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

async function build(triple: string, tools: string): Promise<void> {
  await run("rustup", ["target", "add", "--toolchain", RUST_VERSION, triple]);
  const target = triple.includes("linux") ? `${triple}.${GLIBC_FLOOR}` : triple;
  const prefixes = await hiddenPrefixes();
  await run(join(tools, "bin", "cargo-zigbuild"), [
    "zigbuild",
    "--locked",
    "--release",
    `--manifest-path=${join(NATIVE, "Cargo.toml")}`,
    `--target-dir=${TARGET}`,
    `--target=${target}`,
  ], {
    PATH: `${join(tools, "shims")}:${Deno.env.get("PATH")}`,
    RUSTUP_TOOLCHAIN: RUST_VERSION,
    CARGO_ENCODED_RUSTFLAGS: prefixes.map(([path, name]) => `--remap-path-prefix=${path}=${name}`).join(
      "\x1f",
    ),
    [`CFLAGS_${triple.replaceAll("-", "_")}`]: prefixes.map(([path, name]) =>
      `-ffile-prefix-map=${path}=${name}`
    )
      .join(" "),
    CARGO_ZIGBUILD_ZIG_PATH: join(tools, "ziglang", "zig"),
    CARGO_ZIGBUILD_CACHE_DIR: join(tools, "wrappers"),
    ZIG_GLOBAL_CACHE_DIR: join(tools, "zig-cache"),
    // For napi's build script, which looks for Node.js's import library; the feature dyn-symbols uses none.
    LIBNODE_PATH: join(tools, "shims"),
  });
}

/** Paths of this computer that an addon would contain, and their replacements. */
async function hiddenPrefixes(): Promise<[string, string][]> {
  const sysroot = await output("rustc", [`+${RUST_VERSION}`, "--print", "sysroot"]);
  const home = Deno.env.get("CARGO_HOME") ?? join(homedir(), ".cargo");
  return [[home, "/cargo"], [NATIVE, "/pli"], [TARGET, "/target"], [sysroot.trim(), "/rust"]];
}

/** The folder of zig and cargo-zigbuild, in the versions of native/prebuild_tools.txt; installs them if it is missing. */
async function crossCompiler(): Promise<string> {
  const pinned = join(NATIVE, "prebuild_tools.txt");
  const text = await readFile(pinned, "utf8");
  const versionOf = (name: string) => new RegExp(`^${name}==(\\S+)`, "m").exec(text)![1];
  const folder = join(CACHE, `zig-${versionOf("ziglang")}-${versionOf("cargo-zigbuild")}`);
  if (await exists(join(folder, "shims"))) return folder;
  const made = `${folder}.${Deno.pid}`;
  try {
    await run("pip3", [
      "install",
      "--quiet",
      "--no-deps",
      "--only-binary=:all:",
      "--require-hashes",
      `--requirement=${pinned}`,
      `--target=${made}`,
    ]);
    await makeShims(join(made, "shims"), join(folder, "ziglang", "zig"));
    await rm(folder, { recursive: true, force: true });
    await rename(made, folder);
  } finally {
    await rm(made, { recursive: true, force: true });
  }
  return folder;
}

/** What rustc and napi's build script look for when they build for Windows: a dlltool, and a Node.js to link with. */
async function makeShims(folder: string, zig: string): Promise<void> {
  await mkdir(folder);
  const dlltool = join(folder, "dlltool");
  await writeFile(dlltool, `#!/bin/sh\nexec "${zig}" dlltool "$@"\n`, { mode: 0o755 });
  await copyFile(dlltool, join(folder, "x86_64-w64-mingw32-dlltool"));
  for (const name of ["libnode.dll", "libnode.a"]) await writeFile(join(folder, name), "!<arch>\n");
}

/**
 * A library without the time of its build, which zig's linker writes into those for Windows: the four bytes eight bytes
 * behind the signature `PE\0\0`, whose offset is at 0x3c.
 */
function withoutTime(library: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const view = new DataView(library.buffer, library.byteOffset, library.length);
  if (view.getUint16(0) !== 0x4d5a) return library;
  view.setUint32(view.getUint32(0x3c, true) + 8, 0);
  return library;
}

/** Throws if an addon needs a newer glibc than the floor. */
async function assertGlibcFloor(addon: string): Promise<void> {
  const symbols = await output("readelf", ["--version-info", "--wide", addon]);
  const needed = [...symbols.matchAll(/\bGLIBC_(\d+)\.(\d+)/g)].map(([, major, minor]) => [+major, +minor]);
  if (needed.length === 0) throw new Error("the addon names no version of glibc");
  const [floorMajor, floorMinor] = GLIBC_FLOOR.split(".").map(Number);
  const newer = needed.find(([major, minor]) =>
    major > floorMajor || (major === floorMajor && minor > floorMinor)
  );
  if (newer !== undefined) {
    throw new Error(`the addon needs glibc ${newer.join(".")}, newer than ${GLIBC_FLOOR}`);
  }
}

/** Compresses by GNU gzip, whose output depends neither on its version nor on the runtime of this script. */
async function gzipped(bytes: Uint8Array): Promise<Uint8Array> {
  const child = new Deno.Command("gzip", { args: ["-9n"], stdin: "piped", stdout: "piped" }).spawn();
  const writing = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeTo(child.stdin);
  const { success, stdout } = await child.output();
  await writing;
  if (!success) throw new Error("gzip failed");
  return stdout;
}

function tarballName(platform: string, version: string): string {
  return `pli-native-${platform}-${version}.tgz`;
}

async function projectVersion(): Promise<string> {
  return JSON.parse(await readFile(join(ROOT, "package.json"), "utf8")).version;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

async function run(program: string, args: string[], env: Record<string, string> = {}): Promise<void> {
  const { success } = await new Deno.Command(program, {
    args,
    env,
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  })
    .output();
  if (!success) fail(`${program} ${args[0]} failed.`);
}

async function output(program: string, args: string[]): Promise<string> {
  const { success, stdout } = await new Deno.Command(program, { args, stdin: "null", stderr: "inherit" })
    .output();
  if (!success) throw new Error(`${program} ${args[0]} failed`);
  return new TextDecoder().decode(stdout);
}

async function print(text: string): Promise<void> {
  await Deno.stdout.write(new TextEncoder().encode(text));
}
