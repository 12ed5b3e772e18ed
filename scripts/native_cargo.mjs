// Shared by the scripts of the native addon: its folder, the folder that cargo builds in, and calls of cargo. Runs
// under Node.js and under Deno, and needs none of pli's other tools.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { preparePatchedCrates } from "./patched_crates.mjs";

/** The addon's sources. */
export const NATIVE = join(dirname(fileURLToPath(import.meta.url)), "..", "native");

/** pli's cache folder, where tests/interop/peers.ts keeps its programs too. */
export const CACHE = cacheFolder();

/** Where cargo builds, more than a gigabyte: outside of the checkout, and kept between builds. */
export const TARGET = join(CACHE, "native");

/** Ends the process with a message unless cargo and the patched crates are available. */
export function prepare() {
  requireCargo();
  try {
    preparePatchedCrates(NATIVE);
  } catch (error) {
    fail(error.message);
  }
}

/** Where the addon's sources are, and where cargo builds it. */
export const ADDON = { folder: NATIVE, target: TARGET };

/** Runs cargo on a crate with its lock file unchanged. Returns whether it succeeded. */
export function cargo({ folder, target }, command, ...options) {
  const call = [command, "--locked", "--manifest-path", join(folder, "Cargo.toml"), "--target-dir", target];
  const { status } = spawnSync("cargo", [...call, ...options], {
    stdio: ["ignore", "inherit", "inherit"],
    // The user's own target would select another folder, and possibly another system.
    env: { ...process.env, CARGO_BUILD_TARGET: undefined },
  });
  return status === 0;
}

/** Ends the process. */
export function fail(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

/** Ends the process with a message unless cargo is here, in the version that pli's Rust needs. */
export function requireCargo() {
  const manifest = readFileSync(join(NATIVE, "Cargo.toml"), "utf8");
  const needed = /^rust-version = "([\d.]+)"\r?$/m.exec(manifest)[1];
  const advice =
    `Install Rust ${needed} or newer from https://rustup.rs, and a C compiler; then run this again.`;
  const found = /^cargo (\d+)\.(\d+)/.exec(
    spawnSync("cargo", ["--version"], { encoding: "utf8" }).stdout ?? "",
  );
  const [major, minor] = needed.split(".").map(Number);
  if (found === null) fail(`This is built with Rust, which is not here.\n${advice}`);
  if (Number(found[1]) < major || (Number(found[1]) === major && Number(found[2]) < minor)) {
    fail(`This needs a newer Rust than ${found[1]}.${found[2]}.\n${advice}`);
  }
}

function cacheFolder() {
  const { PLI_PEERS, XDG_CACHE_HOME } = process.env;
  return PLI_PEERS ?? join(XDG_CACHE_HOME ?? join(homedir(), ".cache"), "pli");
}
