// Runs the Deno that package.json pins, with the arguments given, after installing what is missing: the way
// from npm's commands to Deno's.

import "./setup.mjs";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);
const folder = dirname(require.resolve("deno/package.json"));
const program = join(folder, process.platform === "win32" ? "deno.exe" : "deno");
// The package puts the program in its place when it is first asked for it.
const path = existsSync(program) ? program : require("deno/install_api.cjs").runInstall();

const child = spawn(path, process.argv.slice(2), {
  stdio: "inherit",
  // Asking for newer versions of Deno is not what anybody started pli for.
  env: { ...process.env, DENO_NO_UPDATE_CHECK: "1" },
});
// A terminal sends these to the child as well, and the child decides how it ends.
for (const signal of ["SIGINT", "SIGHUP"]) process.on(signal, () => {});
process.on("SIGTERM", () => child.kill("SIGTERM"));
child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 143)));
