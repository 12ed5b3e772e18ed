// Runs the Deno that package.json pins, with the arguments given, after set-up: npm's commands
// start Deno through it.

import { spawn } from "node:child_process";
import { denoProgram } from "./setup.mjs";

const child = spawn(denoProgram(), process.argv.slice(2), {
  stdio: "inherit",
  // Deno makes no request for newer versions.
  env: { ...process.env, DENO_NO_UPDATE_CHECK: "1" },
});
// A terminal sends these signals to the child as well, whose exit status is passed on.
for (const signal of ["SIGINT", "SIGHUP"]) process.on(signal, () => {});
process.on("SIGTERM", () => child.kill("SIGTERM"));
child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 143)));
