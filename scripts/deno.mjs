// Runs the Deno that package.json pins, with the arguments given, after set-up: npm's commands
// start Deno through it.

import process from "node:process";
import "./setup.mjs";
import { runDeno } from "./run_deno.mjs";

runDeno(process.argv.slice(2));
