// Builds an archive of a release a second time and compares the bytes: `npm run release:twice -- NAME`. The second build
// is made from a clone of the commit in another folder, with an empty cache folder. The first one is in dist/release.

import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { runCommand } from "../command.ts";
import { sha256Of } from "../prebuilt.mjs";
import { run } from "../programs.ts";
import { type Archive, archiveNamed, builtArchive, ROOT } from "./table.ts";

/** Resolves to a description. Throws an Error if the bytes differ. */
async function buildTwice(archive: Archive): Promise<string> {
  const path = await builtArchive(archive);
  const file = basename(path);
  const first = sha256Of(await readFile(path));
  const folder = await Deno.makeTempDir({ prefix: "pli-twice-" });
  const clone = join(folder, "clone");
  await run("git", ["clone", "--quiet", ROOT, clone]);
  await run("npm", ["--prefix", clone, "run", "--silent", "release:archive", "--", archive.name], {
    PLI_PEERS: join(folder, "cache"),
  });
  const second = sha256Of(await readFile(join(clone, "dist", "release", file)));
  if (first !== second) throw new Error(`${file} differs from the second build, which is kept in ${clone}`);
  await Deno.remove(folder, { recursive: true });
  return `${file}: two builds are ${first}\n`;
}

await runCommand(
  { usage: "npm run release:twice -- NAME", operands: [1, 1] },
  async ({ positionals: [name] }) => await buildTwice(archiveNamed(name)),
);
