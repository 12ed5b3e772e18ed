// Installs what package-lock.json lists when node_modules does not have it yet, then steps aside. Runs under
// Node.js and under Deno, before anything else of the project can be loaded.

import { execSync } from "node:child_process";
import { copyFileSync, existsSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const lock = join(root, "package-lock.json");
/** The lock that the installed packages came from. */
const installedLock = join(root, "node_modules", ".pli-lock.json");

const isInstalled = existsSync(installedLock) && readFileSync(installedLock).equals(readFileSync(lock));
if (!isInstalled) {
  // Standard output stays clean: it may be that of a command of pli.
  const run = (command) => execSync(command, { cwd: root, stdio: ["ignore", 2, 2] });
  run(hasNpm() ? "npm ci --no-audit --no-fund --loglevel=error" : "deno install");
  // Deno's task runner would take this link to the runtime for a program in JavaScript.
  for (const name of ["deno", "deno.cmd", "deno.ps1"]) {
    rmSync(join(root, "node_modules", ".bin", name), { force: true });
  }
  copyFileSync(lock, installedLock);
}

function hasNpm() {
  try {
    execSync("npm --version", { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
