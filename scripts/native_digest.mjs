// The state of the native sources: a digest of everything from which a prebuilt addon is built, and its patch level.
// Runs under Node.js and under Deno, because set-up compares it.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The compiler of the prebuilt addons. */
export const RUST_VERSION = "1.95.0";

/** Below native/: the sources, the lock files, the patches, and the pinned tools. */
const FOLDERS = ["src", "patches"];
const FILES = [
  "Cargo.toml",
  "Cargo.lock",
  "build.rs",
  "upstream/Cargo.toml",
  "upstream/Cargo.lock",
  "upstream/lib.rs",
  "prebuild_tools.txt",
];

/** SHA-256, in hex, over the names and contents of the inputs, with LF as the end of each line. */
export function nativeDigest(native) {
  const hash = createHash("sha256").update(`rust ${RUST_VERSION}\n`);
  const listed = FOLDERS.flatMap((folder) => {
    return readdirSync(join(native, folder)).sort().map((name) => `${folder}/${name}`);
  });
  for (const path of [...listed, ...FILES]) {
    const text = readFileSync(join(native, path), "utf8").replaceAll("\r\n", "\n");
    hash.update(`${path} ${text.length}\n`).update(text);
  }
  return hash.digest("hex");
}

/** The patch level of the sources. */
export function sourcesLevel(native) {
  const text = readFileSync(join(native, "src", "level.rs"), "utf8");
  return Number(/const PATCH_LEVEL: u32 = (\d+);/.exec(text)[1]);
}
