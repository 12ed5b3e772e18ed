// Installs the packages of package-lock.json if node_modules differs from it, installs the prebuilt addon that fits this
// computer, and builds the page if it is out of date. One process at a time does that in a checkout; where all is
// current, none waits. Runs under Node.js and under Deno, before any other module of the project can be loaded.

import { execSync, spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { isInstalledByNpm, isRecorded, isUsable, record } from "./packages.mjs";
import { isPageCurrent } from "./page_digest.mjs";
import { installPrebuilt } from "./prebuilt.mjs";
import { denoProgram } from "./run_deno.mjs";
import { inTurn } from "./turn.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
/** Beside node_modules, whose content npm removes first. */
const turn = join(root, ".pli-setup");
/** Whatever the settings of npm: they may leave out the packages that set-up runs. */
const NPM_CI = "npm ci --include=dev --include=optional --no-audit --no-fund --loglevel=error";

try {
  if (isRecorded() && isPageCurrent()) installAddon();
  else await inTurn(turn, setUp, () => report(`Another process sets pli up; waiting for it (${turn}).`));
} catch (error) {
  report(error.message);
  process.exit(1);
}

function setUp() {
  if (!isRecorded()) {
    if (!isInstalledByNpm()) installPackages();
    // Deno's package puts the program in its place on first use.
    denoProgram();
    record();
  }
  installAddon();
  if (!isPageCurrent()) buildPage();
}

function installPackages() {
  const command = hasNpm() ? NPM_CI : "deno install";
  try {
    // Nothing is printed to standard output, which may be that of a pli command.
    execSync(command, { cwd: root, stdio: ["ignore", 2, 2] });
  } catch (error) {
    throw new Error(`The packages of pli cannot be installed: ${error.message}`);
  }
  if (!isUsable()) throw new Error(`\`${command}\` has left out packages that pli needs for this platform.`);
}

function installAddon() {
  const fault = installPrebuilt();
  if (fault !== null) report(fault);
}

function buildPage() {
  const { status, error } = spawnSync(
    denoProgram(),
    ["run", "-A", "--no-check", join("scripts", "build_page.ts")],
    { cwd: root, stdio: ["ignore", 2, 2], env: { ...process.env, DENO_NO_UPDATE_CHECK: "1" } },
  );
  const reason = error === undefined ? "" : `: ${error.message}`;
  if (status !== 0) throw new Error(`The page of pli cannot be built from static/ and src/web/ui${reason}.`);
}

function report(sentence) {
  process.stderr.write(`${sentence}\n`);
}

function hasNpm() {
  try {
    execSync("npm --version", { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
