// Builds the program as a package for npm, which `npx` runs: dist/npm, or the folder given. It has the bundle, the
// prebuilt addons, and a starter that runs Deno, a dependency, with the binary's permissions.

import { copyFile, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { runCommand } from "./command.ts";
import { emptyPackageFolder } from "./emptied_folder.ts";
import { type AddonPlace, packageAddons } from "./package_addons.ts";
import { buildBundle } from "./programs.ts";
import { ALONE, PERMISSIONS } from "./run_options.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** In the project's scope, like the packages of the addons. */
const NAME = "@pli/cli";
const STARTER = "start.mjs";

/** Builds the package in a folder, which is emptied. Throws an Error if the folder has anything else. */
export async function buildProgramPackage(folder: string, addons: AddonPlace = "inside"): Promise<void> {
  const about = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8"));
  await emptyPackageFolder(folder, NAME);
  await buildBundle(join(folder, "pli.js"));
  // The addon that build.ts puts beside a bundle is of this platform only.
  await rm(join(folder, "pli_native.node"), { force: true });
  await writeFile(join(folder, STARTER), starter(), { mode: 0o755 });
  await copyFile(join(ROOT, "scripts/run_deno.mjs"), join(folder, "run_deno.mjs"));
  for (const name of ["LICENSE", "README.md"]) await copyFile(join(ROOT, name), join(folder, name));
  const manifest = {
    name: NAME,
    version: about.version,
    description: about.description,
    license: about.license,
    type: "module",
    engines: about.engines,
    bin: { pli: STARTER },
    dependencies: { deno: about.devDependencies.deno, "@number0/iroh": about.dependencies["@number0/iroh"] },
    optionalDependencies: await packageAddons(folder, addons),
  };
  await writeFile(join(folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
}

function starter(): string {
  return `#!/usr/bin/env node
// Runs pli with the arguments given.

import process from "node:process";
import { fileURLToPath } from "node:url";
import { ownEnvironment, runDeno } from "./run_deno.mjs";

const pli = fileURLToPath(new URL("./pli.js", import.meta.url));
const options = ${JSON.stringify([...ALONE, ...PERMISSIONS])};
runDeno(["run", ...options, pli, ...process.argv.slice(2)], { env: ownEnvironment() });
`;
}

if (import.meta.main) {
  await runCommand(
    {
      usage: "npm run package:program -- [FOLDER]",
      operands: [0, 1],
    },
    async ({ positionals: [folder = join(ROOT, "dist", "npm")] }) =>
      await buildProgramPackage(resolve(folder)),
  );
}
