// Bundles pli into one file of JavaScript, dist/pli.js or the path given. The network binding is not in it: it is machine
// code, loaded by its path on demand. The native addon, if it is built, is copied beside the bundle, which loads it from
// there.

import { build } from "esbuild";
import { copyFile, mkdir, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { addonUrl } from "../src/engine/native/choice.ts";
import { ensurePage } from "./build_page.ts";
import { nodeOnDemand } from "./on_demand.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const output = Deno.args[0] ?? `${root}dist/pli.js`;

await ensurePage();
const { outputFiles: [bundle] } = await build({
  entryPoints: [join(root, "main.ts")],
  absWorkingDir: root,
  write: false,
  bundle: true,
  platform: "node",
  conditions: ["deno"],
  format: "esm",
  target: "esnext",
  // The settings of the type checker do not apply: nothing of the page's JSX is in the bundle.
  tsconfigRaw: {},
  logLevel: "error",
});
await mkdir(dirname(output), { recursive: true });
await writeFile(output, nodeOnDemand(bundle.text));

const addon = addonUrl();
if (addon !== null) {
  const beside = join(dirname(output), "pli_native.node");
  // A running process keeps the old file, which is replaced by a rename.
  await copyFile(addon, `${beside}.${Deno.pid}`);
  await rename(`${beside}.${Deno.pid}`, beside);
}
