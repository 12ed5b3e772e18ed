// Builds the native addon with cargo and puts it where pli looks for it, native/pli_native.node. The patched
// crates are prepared first; `--prepare` stops there, for cargo and editors that are started by hand.
// Runs under Node.js and under Deno, and needs none of pli's other tools.

import { copyFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { ADDON, cargo, fail, NATIVE, prepare, TARGET } from "./native_cargo.mjs";

const LIBRARIES = { win32: "pli_native.dll", darwin: "libpli_native.dylib" };
const LIBRARY = LIBRARIES[process.platform] ?? "libpli_native.so";

prepare();
if (!process.argv.includes("--prepare")) {
  if (!cargo(ADDON, "build", "--release")) fail("cargo could not build the native addon.");
  publish(join(TARGET, "release", LIBRARY), join(NATIVE, "pli_native.node"));
}

function publish(library, addon) {
  // Atomic: a running process keeps the old file, and no process reads an incomplete one.
  const beside = `${addon}.${process.pid}`;
  try {
    copyFileSync(library, beside);
    renameSync(beside, addon);
  } finally {
    rmSync(beside, { force: true });
  }
}
