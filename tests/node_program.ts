// Programs of the sources that run on Node.js, which has no TypeScript: each is bundled into one file.

import { build } from "esbuild";
import { join } from "node:path";
import { without } from "./left_out.ts";

/** The reason for ignoring tests on Node.js; null if there is one. */
export const NO_NODE = without("node");

/** Bundles a program into a file for Node.js 20 in `folder`. Resolves to its path. */
export async function bundleForNode(program: URL, folder: string): Promise<string> {
  const outfile = join(folder, `${program.pathname.split("/").pop()!.replace(/\.ts$/, "")}.mjs`);
  await build({
    entryPoints: [program.pathname],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    logLevel: "error",
  });
  return outfile;
}

/** Runs `use` with a temporary folder. */
export async function inTemporaryFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "pli-node-" }));
  try {
    return await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The output of a program on Node.js. Throws when it fails. */
export async function nodeOutput(args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("node", { args: [...args], stdin: "null" })
    .output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}
