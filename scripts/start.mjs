// `npm start`: set-up, then pli from the sources, in the folder in which npm was called.

import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import "./setup.mjs";
import { runDeno } from "./run_deno.mjs";

const MAIN = join(dirname(fileURLToPath(import.meta.url)), "..", "main.ts");

// npm runs scripts in the folder of package.json.
runDeno(["run", "-A", MAIN, ...process.argv.slice(2)], { cwd: process.env.INIT_CWD });
