// Checks the workflows of .github: actionlint checks their syntax, expressions and shell scripts, zizmor their security.
// The programs are pinned by scripts/workflow_tools, and installed into the cache folder on first use, which needs pip
// and Go; the checks need no network. Runs under Node.js and under Deno, and needs none of pli's other tools.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { CACHE, fail } from "./native_cargo.mjs";
import { pipPrograms, programName } from "./pip_tools.mjs";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const TOOLS = join(ROOT, "scripts", "workflow_tools");

const installed = pipPrograms(join(TOOLS, "linters.txt")) ??
  fail("zizmor could not be installed: is pip here?");
const failed = [
  ["actionlint", () => actionlint(join(installed, programName("shellcheck")))],
  ["zizmor", () => zizmor(join(installed, programName("zizmor")))],
].filter(([, passes]) => !passes()).map(([name]) => name);
if (failed.length > 0) fail(`Failed: ${failed.join(", ")}.`);
process.stdout.write("actionlint and zizmor have no findings.\n");

function actionlint(shellcheck) {
  const folder = join(ROOT, ".github", "workflows");
  const workflows = readdirSync(folder).map((name) => join(folder, name));
  return run(builtActionlint(), "-no-color", "-pyflakes=", `-shellcheck=${shellcheck}`, ...workflows);
}

/** With the most demanding of its personas. Each finding that is accepted is named in the workflow with the reason. */
function zizmor(program) {
  const options = ["--offline", "--no-progress", "--no-config", "--persona=auditor", "--strict-collection"];
  return run(program, ...options, join(ROOT, ".github"));
}

/** actionlint, which no registry has built, from the Go module proxy. */
function builtActionlint() {
  const sums = readFileSync(join(TOOLS, "go.sum"));
  const digest = createHash("sha256").update(sums).digest("hex").slice(0, 16);
  const program = join(CACHE, programName(`actionlint-${digest}`));
  if (existsSync(program)) return program;
  const made = `${program}.${process.pid}`;
  const options = ["-mod=readonly", "-trimpath", "-o", made, "github.com/rhysd/actionlint/cmd/actionlint"];
  // A newer Go than the installed one comes from the proxy as well.
  const env = { ...process.env, GOTOOLCHAIN: "auto", GOFLAGS: "" };
  const { status } = spawnSync("go", ["build", "-C", TOOLS, ...options], {
    stdio: ["ignore", "inherit", "inherit"],
    env,
  });
  if (status !== 0) fail("actionlint could not be built: is Go here?");
  renameSync(made, program);
  return program;
}

function run(program, ...options) {
  return spawnSync(program, options, { stdio: ["ignore", "inherit", "inherit"] }).status === 0;
}
