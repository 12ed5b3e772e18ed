// Builds Rust for every platform on Linux: rustc links by zig, which has the libraries of all of them, those of glibc in
// its older versions too. It needs rustup, and pip for zig and cargo-zigbuild, which are kept in the cache folder in the
// versions of native/prebuild_tools.txt.

import { copyFile, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { CACHE } from "./native_cargo.mjs";
import { RUST_VERSION } from "./native_digest.mjs";
import { GLIBC_FLOOR, NATIVE } from "./prebuilt.mjs";
import { exists, output, run } from "./programs.ts";

/** Where cargo builds. Not where `npm run native` does, which would wait. */
const TARGET = join(CACHE, "prebuilt");

/** The platforms, by napi-rs' names, and rustc's names of them. */
export const TRIPLES: Readonly<Record<string, string>> = {
  "linux-x64-gnu": "x86_64-unknown-linux-gnu",
  "linux-arm64-gnu": "aarch64-unknown-linux-gnu",
  "win32-x64": "x86_64-pc-windows-gnu",
};

/** The name of the file that cargo makes of a crate. */
export function fileName(kind: "library" | "program", crate: string, platform: string): string {
  if (platform.startsWith("win32")) return `${crate}.${kind === "library" ? "dll" : "exe"}`;
  return kind === "library" ? `lib${crate}.so` : crate;
}

/**
 * Builds a crate with optimisation for a platform, from its lock file. Resolves to the folder of what cargo made. The
 * bytes depend on the sources, the lock file and the pinned tools only, except for the time in `withoutTime`. Throws
 * if the build fails.
 */
export async function crossBuild(
  crate: string,
  platform: string,
  options: readonly string[] = [],
): Promise<string> {
  const tools = await crossCompiler();
  const triple = TRIPLES[platform];
  await run("rustup", ["target", "add", "--toolchain", RUST_VERSION, triple]);
  const target = triple.includes("linux") ? `${triple}.${GLIBC_FLOOR}` : triple;
  const prefixes = await hiddenPrefixes(crate);
  await run(join(tools, "bin", "cargo-zigbuild"), [
    "zigbuild",
    "--locked",
    "--release",
    `--manifest-path=${join(crate, "Cargo.toml")}`,
    `--target-dir=${TARGET}`,
    `--target=${target}`,
    ...options,
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
  return join(TARGET, triple, "release");
}

/** Paths of this computer that the result would contain, and their replacements. */
async function hiddenPrefixes(crate: string): Promise<[string, string][]> {
  const sysroot = await output("rustc", [`+${RUST_VERSION}`, "--print", "sysroot"]);
  const home = Deno.env.get("CARGO_HOME") ?? join(homedir(), ".cargo");
  return [[home, "/cargo"], [crate, "/pli"], [TARGET, "/target"], [sysroot.trim(), "/rust"]];
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
 * A library or program without the time of its build, which zig's linker writes into those for Windows: the four bytes
 * eight bytes behind the signature `PE\0\0`, whose offset is at 0x3c.
 */
export function withoutTime(built: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const view = new DataView(built.buffer, built.byteOffset, built.length);
  if (view.getUint16(0) !== 0x4d5a) return built;
  view.setUint32(view.getUint32(0x3c, true) + 8, 0);
  return built;
}

/** The oldest glibc that has all that a library or program needs. Throws if it names none. */
export async function glibcOf(path: string): Promise<string> {
  const symbols = await output("readelf", ["--version-info", "--wide", path]);
  const versions = [...symbols.matchAll(/\bGLIBC_(\d+\.\d+)/g)].map(([, version]) => version);
  if (versions.length === 0) throw new Error("it names no version of glibc");
  return versions.reduce(newerGlibc);
}

/** The newer one of two versions of glibc. */
export function newerGlibc(one: string, other: string): string {
  const [major, minor] = one.split(".").map(Number);
  const [otherMajor, otherMinor] = other.split(".").map(Number);
  return major > otherMajor || (major === otherMajor && minor > otherMinor) ? one : other;
}

/** Throws if a library or program needs a newer glibc than the floor. */
export async function assertGlibcFloor(path: string): Promise<void> {
  const needed = await glibcOf(path);
  if (newerGlibc(needed, GLIBC_FLOOR) !== GLIBC_FLOOR) {
    throw new Error(`it needs glibc ${needed}, newer than ${GLIBC_FLOOR}`);
  }
}
