// Builds an archive of a release a second time and compares the bytes: `npm run release:twice -- NAME`. The second build
// is made from a clone of the commit in another folder, with an empty cache folder. The first one is in dist/release.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { sha256Of } from "../prebuilt.mjs";
import { projectVersion } from "../project.ts";
import { run } from "../programs.ts";
import { archiveNamed, fileOf, FOLDER, ROOT } from "./table.ts";

const archive = archiveNamed(Deno.args[0]);
const file = fileOf(archive, await projectVersion());
const first = sha256Of(await readFile(join(FOLDER, file)));
const folder = await Deno.makeTempDir({ prefix: "pli-twice-" });
const clone = join(folder, "clone");
await run("git", ["clone", "--quiet", ROOT, clone]);
await run("npm", ["--prefix", clone, "run", "--silent", "release:archive", "--", archive.name], {
  PLI_PEERS: join(folder, "cache"),
});
const second = sha256Of(await readFile(join(clone, "dist", "release", file)));
if (first !== second) throw new Error(`${file} differs from the second build, which is kept in ${clone}`);
await Deno.remove(folder, { recursive: true });
await Deno.stdout.write(new TextEncoder().encode(`${file}: two builds are ${first}\n`));
