// Whether node_modules has the packages of package-lock.json: after an installation by set-up, or by npm alone. Runs
// under Node.js and under Deno.

import { copyFileSync, existsSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** The programs of set-up. Each is in a package for the platform, which npm omits on request. */
const PROGRAMS = "Deno" in globalThis ? ["esbuild"] : ["deno", "esbuild"];

/** The names of the lock file, and of its copy that set-up leaves beside the packages. */
const LOCK = "package-lock.json";
const COPY = "node_modules/.pli-lock.json";

/** Whether set-up has installed the packages of the lock file, and recorded that. */
export function isRecorded(root = ROOT) {
  const copy = join(root, COPY);
  return existsSync(copy) && readFileSync(copy).equals(readFileSync(join(root, LOCK))) && isUsable(root) &&
    !isDenoMissing(root);
}

/** Records that the packages of the lock file are installed. */
export function record(root = ROOT) {
  // Deno's task runner would run this link to the runtime as a JavaScript program.
  for (const name of ["deno", "deno.cmd", "deno.ps1"]) {
    rmSync(join(root, "node_modules", ".bin", name), { force: true });
  }
  copyFileSync(join(root, LOCK), join(root, COPY));
}

/** Whether npm has installed the packages of the lock file, by its own record. */
export function isInstalledByNpm(root = ROOT) {
  const own = join(root, "node_modules", ".package-lock.json");
  if (!existsSync(own) || !isUsable(root)) return false;
  const installed = JSON.parse(readFileSync(own, "utf8")).packages;
  const { "": _project, ...locked } = JSON.parse(readFileSync(join(root, LOCK), "utf8")).packages;
  return Object.keys(installed).every((path) => path in locked) &&
    Object.entries(locked).every(([path, { integrity, optional }]) =>
      path in installed ? installed[path].integrity === integrity : optional === true
    );
}

/** Whether the programs of set-up and their packages for the platform are there. */
export function isUsable(root = ROOT) {
  return PROGRAMS.every((name) => {
    const folder = join(root, "node_modules", name);
    if (!existsSync(join(folder, "package.json"))) return false;
    const { optionalDependencies } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    // `deno install` makes links to folders, beside which the packages for the platform are.
    const modules = dirname(realpathSync(folder));
    return Object.keys(optionalDependencies).some((other) =>
      existsSync(join(modules, other, "package.json"))
    );
  });
}

/** Whether Deno's package has yet to put the program in its place, which only one process at a time can do. */
function isDenoMissing(root) {
  const program = process.platform === "win32" ? "deno.exe" : "deno";
  return PROGRAMS.includes("deno") && !existsSync(join(root, "node_modules", "deno", program));
}
