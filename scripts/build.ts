// Bundles pli into one file of JavaScript, dist/pli.js or the path given. The network binding is not in it: it is
// machine code, required by its path when a command needs it. The native one, where it has been built, is put
// beside the bundle, which looks for it there.

import { copyFile, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { addonUrl } from "../src/engine/native/choice.ts";
import { nodeOnDemand } from "./on_demand.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const output = Deno.args[0] ?? `${root}dist/pli.js`;

const { code } = await new Deno.Command(Deno.execPath(), {
  args: ["bundle", "-q", "--platform", "deno", "--output", output, `${root}main.ts`],
  env: { DENO_NO_UPDATE_CHECK: "1" },
  stdin: "null",
  stdout: "inherit",
  stderr: "inherit",
}).output();
if (code !== 0) Deno.exit(code);
await writeFile(output, nodeOnDemand(await readFile(output, "utf8")));

const addon = addonUrl();
if (addon !== null) {
  const beside = join(dirname(output), "pli_native.node");
  // A process may have the old one loaded: it keeps that.
  await copyFile(addon, `${beside}.${Deno.pid}`);
  await rename(`${beside}.${Deno.pid}`, beside);
}
