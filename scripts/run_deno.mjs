// Starts the Deno of the package `deno` as a child of Node.js. The program as a package for npm contains this file too,
// so it imports nothing of the project.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import process from "node:process";

/** The path of Deno: the running one, otherwise the one that package.json pins. */
export function denoProgram() {
  if ("Deno" in globalThis) return process.execPath;
  const require = createRequire(import.meta.url);
  const folder = dirname(require.resolve("deno/package.json"));
  const program = join(folder, process.platform === "win32" ? "deno.exe" : "deno");
  // The package installs the program on first use.
  return existsSync(program) ? program : require("deno/install_api.cjs").runInstall();
}

/** The environment without what is set for other programs of the runtime, and would change pli's permissions or code. */
export function ownEnvironment() {
  const others = /^(DENO_|OTEL_|NODE_OPTIONS$|NODE_V8_COVERAGE$|NODE_CHANNEL_FD$)/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !others.test(name)));
}

/**
 * Runs Deno with the arguments given, and ends this process with its exit status.
 *
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: Record<string, string | undefined> }} options
 */
export function runDeno(args, { cwd, env = process.env } = {}) {
  const child = spawn(denoProgram(), args, {
    cwd,
    stdio: "inherit",
    // Deno makes no request for newer versions.
    env: { ...env, DENO_NO_UPDATE_CHECK: "1" },
  });
  // A terminal sends these signals to the child as well, whose exit status is passed on.
  for (const signal of ["SIGINT", "SIGHUP"]) process.on(signal, () => {});
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 143)));
}
