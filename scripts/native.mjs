// Builds the native addon with cargo and puts it where pli looks for it, native/pli_native.node. What cargo
// makes on the way, more than a gigabyte, is kept between builds in pli's cache folder, outside of the
// checkout. Runs under Node.js and under Deno, and needs neither of pli's other tools.

import { spawnSync } from "node:child_process";
import { copyFileSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const LIBRARIES = { win32: "pli_native.dll", darwin: "libpli_native.dylib" };
const LIBRARY = LIBRARIES[process.platform] ?? "libpli_native.so";

const source = join(dirname(fileURLToPath(import.meta.url)), "..", "native");
const target = join(cacheFolder(), "native");

requireCargo();
const cargo = ["build", "--release", "--locked", "--manifest-path", join(source, "Cargo.toml")];
const { status } = spawnSync("cargo", [...cargo, "--target-dir", target], {
  stdio: ["ignore", "inherit", "inherit"],
  // A target of the user's own would be another folder, and perhaps a machine that is not this one.
  env: { ...process.env, CARGO_BUILD_TARGET: undefined },
});
if (status !== 0) fail("cargo could not build the native addon.");
publish(join(target, "release", LIBRARY), join(source, "pli_native.node"));

function publish(library, addon) {
  // A process may have the old one loaded: it keeps that, and none ever sees half of the new one.
  const beside = `${addon}.${process.pid}`;
  try {
    copyFileSync(library, beside);
    renameSync(beside, addon);
  } finally {
    rmSync(beside, { force: true });
  }
}

function requireCargo() {
  const manifest = readFileSync(join(source, "Cargo.toml"), "utf8");
  const needed = /^rust-version = "([\d.]+)"$/m.exec(manifest)[1];
  const found = /^cargo (\d+)\.(\d+)/.exec(
    spawnSync("cargo", ["--version"], { encoding: "utf8" }).stdout ?? "",
  );
  const [major, minor] = needed.split(".").map(Number);
  if (found === null) fail(`The native addon is built with Rust, which is not here.`, needed);
  if (Number(found[1]) < major || (Number(found[1]) === major && Number(found[2]) < minor)) {
    fail(`The native addon needs a newer Rust than ${found[1]}.${found[2]}.`, needed);
  }
}

/** Where tests/interop/peers.ts keeps its programs too. */
function cacheFolder() {
  const { PLI_PEERS, XDG_CACHE_HOME } = process.env;
  return PLI_PEERS ?? join(XDG_CACHE_HOME ?? join(homedir(), ".cache"), "pli");
}

function fail(sentence, version) {
  const advice =
    `Install Rust ${version} or newer from https://rustup.rs, and a C compiler; then run this again.`;
  process.stderr.write(`${sentence}\n${version === undefined ? "" : `${advice}\n`}`);
  process.exit(1);
}
