// Prepares the crates that native/Cargo.toml takes from a folder instead of the registry: their published sources,
// which cargo fetches and checks by native/upstream, with native/patches applied by `git apply`. The folder is
// rebuilt when a patch or a crate's version has changed, and unchanged otherwise, so that cargo rebuilds only what
// differs. Runs under Node.js and under Deno.

import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";

/** Below native/. cargo's error shows this name if the folder is missing. */
export const PATCHED = "patched-by-npm-run-native";

/** In the folder: the crates' versions, and the texts of the patches, that it was built from. native/build.rs reads it too. */
const MADE_OF = "made-of.txt";

/**
 * Builds the folder of patched crates below `native`, unless it is up to date. Throws an Error with a message when a crate
 * cannot be fetched or a patch does not apply.
 */
export function preparePatchedCrates(native) {
  const patches = readPatches(join(native, "patches"));
  const folder = join(native, PATCHED);
  const crates = upstreamCrates(join(native, "upstream", "Cargo.toml"));
  const versions = crates.map(({ name, version }) => `${name} ${version}\n`);
  const madeOf = [...versions, ...patches.map(({ text }) => text)].join("");
  const record = join(folder, MADE_OF);
  if (existsSync(record) && readFileSync(record, "utf8") === madeOf) return;

  const made = `${folder}.${process.pid}`;
  rmSync(made, { recursive: true, force: true });
  try {
    for (const { name, source } of crates) {
      cpSync(source, join(made, name), { recursive: true, preserveTimestamps: true });
    }
    mkdirSync(made, { recursive: true });
    for (const patch of patches) apply(patch, made);
    writeFileSync(join(made, MADE_OF), madeOf);
    rmSync(folder, { recursive: true, force: true });
    renameSync(made, folder);
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
}

/** The patches of a folder in their order, with LF as the end of each line, whatever the checkout has. */
export function readPatches(folder) {
  const names = readdirSync(folder).filter((name) => name.endsWith(".patch")).sort();
  return names.map((name) => ({
    name,
    text: readFileSync(join(folder, name), "utf8").replaceAll("\r\n", "\n"),
  }));
}

/** Name, version and folder of each crate that native/upstream depends on, which cargo has checked by its lock file. */
function upstreamCrates(manifest) {
  const options = ["--locked", "--format-version", "1", "--manifest-path", manifest];
  const { status, stdout } = spawnSync("cargo", ["metadata", ...options], {
    stdio: ["ignore", "pipe", "inherit"],
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) throw new Error("cargo could not fetch the crates of native/upstream.");
  const { packages, resolve } = JSON.parse(stdout);
  const wanted = resolve.nodes.find(({ id }) => id === resolve.root).dependencies;
  return packages.filter(({ id }) => wanted.includes(id)).map(({ name, version, manifest_path }) => {
    return { name, version, source: dirname(manifest_path) };
  });
}

function apply({ name, text }, folder) {
  const { status, error, stderr } = spawnSync("git", ["apply", "--whitespace=nowarn", "-"], {
    cwd: folder,
    input: text,
    stdio: ["pipe", "ignore", "pipe"],
    encoding: "utf8",
    // Without the checkout's settings: its line endings are not those of the sources.
    env: {
      ...process.env,
      GIT_CEILING_DIRECTORIES: dirname(folder),
      GIT_DIR: undefined,
      GIT_WORK_TREE: undefined,
    },
  });
  if (error !== undefined) {
    throw new Error("native/patches are applied by git, which is not here.", { cause: error });
  }
  if (status !== 0) throw new Error(`native/patches/${name} does not apply.\n${stderr.trim()}`);
}
