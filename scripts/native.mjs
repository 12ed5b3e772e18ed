// Builds the native addon with cargo and puts it where pli looks for it, native/pli_native.node, from copies of its
// sources and of noq's, which noq_repair.mjs repairs, in native/target. What cargo makes on the way, more than a
// gigabyte, is kept between builds in pli's cache folder, outside of the checkout. Runs under Node.js and under
// Deno, and needs neither of pli's other tools.

import { spawnSync } from "node:child_process";
import { copyFileSync, cpSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { copyRepaired, publishedNoq } from "./noq_repair.mjs";

const LIBRARIES = { win32: "pli_native.dll", darwin: "libpli_native.dylib" };
const LIBRARY = LIBRARIES[process.platform] ?? "libpli_native.so";

const source = join(dirname(fileURLToPath(import.meta.url)), "..", "native");
const target = join(cacheFolder(), "native");
const sources = join(source, "target");

requireCargo();
const published = publishedNoq(join(source, "Cargo.toml"));
if (published === null) fail("cargo could not fetch the native addon's parts.");
const repaired = join(sources, "noq-proto");
copyRepaired(published, repaired);
copyOwnSources(join(sources, "pli"));
build();
publish(join(target, "release", LIBRARY), join(source, "pli_native.node"));

/** The addon's sources, with a lock file that takes noq-proto from wherever it is told to. */
function copyOwnSources(copy) {
  rmSync(copy, { recursive: true, force: true });
  for (const name of ["Cargo.toml", "build.rs", "src"]) {
    cpSync(join(source, name), join(copy, name), { recursive: true, preserveTimestamps: true });
  }
  const lock = readFileSync(join(source, "Cargo.lock"), "utf8");
  const origin = /(?<=name = "noq-proto"\nversion = "[^"]*"\n)source = .*\nchecksum = .*\n/;
  writeFileSync(join(copy, "Cargo.lock"), lock.replace(origin, ""));
}

function build() {
  const cargo = ["build", "--release", "--locked", "--manifest-path", join(sources, "pli", "Cargo.toml")];
  const patch = `patch.crates-io.noq-proto.path=${JSON.stringify(repaired)}`;
  const { status } = spawnSync("cargo", [...cargo, "--config", patch, "--target-dir", target], {
    stdio: ["ignore", "inherit", "inherit"],
    // A target of the user's own would be another folder, and perhaps a machine that is not this one.
    env: { ...process.env, CARGO_BUILD_TARGET: undefined },
  });
  if (status !== 0) fail("cargo could not build the native addon.");
}

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
