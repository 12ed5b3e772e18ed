// Checks pli's Rust, which is the native addon, the launcher of the one-file program, and the simulation of congestion
// controllers: format, clippy, unit tests, and with cargo-deny the licences, bans and sources of their crates
// (native/deny.toml). Advisories come from outside of the registries: `--advisories` checks those alone. Runs under
// Node.js and under Deno, and needs none of pli's other tools.

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import process from "node:process";
import { ADDON, CACHE, cargo, fail, NATIVE, prepare } from "./native_cargo.mjs";
import { pipPrograms, programName } from "./pip_tools.mjs";

/** Without debug information: a third of the time. */
process.env.CARGO_PROFILE_DEV_DEBUG = "0";

/** The crates, each with the folder that cargo builds it in, and what its unit tests are in. */
const CRATES = [
  { ...ADDON, tests: ["--lib"] },
  { folder: join(NATIVE, "launcher"), target: join(CACHE, "launcher"), tests: ["--lib"] },
  {
    folder: join(NATIVE, "..", "tests", "bench", "congestion"),
    target: join(CACHE, "congestion"),
    tests: ["--bins"],
  },
];

const CHECKS = {
  rustfmt: ({ folder }) => run("cargo", "fmt", "--manifest-path", join(folder, "Cargo.toml"), "--check"),
  clippy: (crate) => cargo(crate, "clippy", "--no-deps", "--all-targets", "--", "-D", "warnings"),
  tests: (crate) => cargo(crate, "test", ...crate.tests),
  "cargo-deny": ({ folder }) => deny(folder, "licenses", "bans", "sources"),
};
const ADVISORIES = { advisories: ({ folder }) => deny(folder, "advisories") };

prepare();
const checks = Object.entries(process.argv.includes("--advisories") ? ADVISORIES : CHECKS);
const failed = CRATES.flatMap((crate) => {
  const name = relative(join(NATIVE, ".."), crate.folder);
  return checks.filter(([, passes]) => !passes(crate)).map(([check]) => `${check} of ${name}`);
});
if (failed.length > 0) fail(`Failed: ${failed.join(", ")}.`);

function deny(folder, ...checks) {
  const options = [
    "--manifest-path",
    join(folder, "Cargo.toml"),
    "--locked",
    "--config",
    join(NATIVE, "deny.toml"),
  ];
  return run(cargoDeny(), ...options, "check", ...checks);
}

/** cargo-deny of the version in native/cargo-deny.txt, installed into the cache folder on first use. */
function cargoDeny() {
  const requirements = join(NATIVE, "cargo-deny.txt");
  const installed = pipPrograms(requirements);
  if (installed !== null) return join(installed, programName("cargo-deny"));
  const version = /==([\d.]+)/.exec(readFileSync(requirements, "utf8"))[1];
  const folder = join(CACHE, `cargo-deny-${version}`);
  const program = join(folder, "bin", programName("cargo-deny"));
  if (existsSync(program)) return program;
  const isInstalled = run(
    "cargo",
    "install",
    "--locked",
    "--version",
    version,
    "--root",
    folder,
    "cargo-deny",
  );
  return isInstalled ? program : fail("cargo-deny could not be installed.");
}

function run(program, ...options) {
  return spawnSync(program, options, {
    stdio: ["ignore", "inherit", "inherit"],
    // The user's own target would select another folder, and possibly another system.
    env: { ...process.env, CARGO_BUILD_TARGET: undefined },
  }).status === 0;
}
