// Installs programs that a requirements file pins by version and hash, by pip, into pli's cache folder. Runs under
// Node.js and under Deno, and needs none of pli's other tools.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import process from "node:process";
import { CACHE } from "./native_cargo.mjs";

/** The folder of a requirements file's programs, installed on first use; null if pip cannot install them. */
export function pipPrograms(requirements) {
  const digest = createHash("sha256").update(readFileSync(requirements)).digest("hex").slice(0, 16);
  const folder = join(CACHE, `pip-${basename(requirements, ".txt")}-${digest}`);
  if (existsSync(folder)) return join(folder, "bin");
  const made = `${folder}.${process.pid}`;
  const pip = ["-m", "pip", "install", "--quiet", "--no-deps", "--only-binary=:all:", "--require-hashes"];
  const options = ["--target", made, "--requirement", requirements];
  try {
    const { status } = spawnSync("python3", [...pip, ...options], {
      stdio: ["ignore", "inherit", "inherit"],
    });
    if (status !== 0) return null;
    renameSync(made, folder);
    return join(folder, "bin");
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
}

/** The name of a program's file on this system. */
export function programName(name) {
  return process.platform === "win32" ? `${name}.exe` : name;
}
