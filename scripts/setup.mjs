// Installs the packages of package-lock.json if node_modules differs from it, installs the prebuilt addon that fits this
// computer, and builds the page if it is out of date.
// Runs under Node.js and under Deno, before any other module of the project can be loaded.

import { execSync, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isPageCurrent } from "./page_digest.mjs";
import { installPrebuilt } from "./prebuilt.mjs";
import { denoProgram } from "./run_deno.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const lock = join(root, "package-lock.json");
/** The lock that the installed packages came from. */
const installedLock = join(root, "node_modules", ".pli-lock.json");

const isInstalled = existsSync(installedLock) && readFileSync(installedLock).equals(readFileSync(lock));
if (!isInstalled) {
  // Nothing is printed to standard output, which may be that of a pli command.
  const run = (command) => execSync(command, { cwd: root, stdio: ["ignore", 2, 2] });
  run(hasNpm() ? "npm ci --no-audit --no-fund --loglevel=error" : "deno install");
  // Deno's task runner would run this link to the runtime as a JavaScript program.
  for (const name of ["deno", "deno.cmd", "deno.ps1"]) {
    rmSync(join(root, "node_modules", ".bin", name), { force: true });
  }
  copyFileSync(lock, installedLock);
}
const fault = installPrebuilt();
if (fault !== null) process.stderr.write(`${fault}\n`);
if (!isPageCurrent()) {
  const { status } = spawnSync(denoProgram(), ["run", "-A", "--no-check", join("scripts", "build_page.ts")], {
    cwd: root,
    stdio: ["ignore", 2, 2],
    env: { ...process.env, DENO_NO_UPDATE_CHECK: "1" },
  });
  if (status !== 0) {
    process.stderr.write("The page of pli cannot be built from static/ and src/web/ui.\n");
    process.exit(1);
  }
}

function hasNpm() {
  try {
    execSync("npm --version", { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
