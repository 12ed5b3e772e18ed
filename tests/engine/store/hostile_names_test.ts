// A.1: no name changes anything outside of the destination. All of them on a disk in memory of each kind, a
// sample in a real folder. PLI_LONG=1 tries the required number.

import assert from "node:assert/strict";
import { isPliError } from "../../../src/engine/errors.ts";
import type { Disk } from "../../../src/engine/ports.ts";
import { MemoryDisk } from "../../fakes/memory_disk.ts";
import { Chance } from "../../fuzz/mutation.ts";
import { hostileName } from "./hostile_names.ts";
import { receiveStagedInto } from "./staged_receive.ts";
import { realDisk } from "../../system_ports.ts";

const NAMES = Deno.env.get("PLI_LONG") === "1" ? 100_000 : 400;
const SAMPLE = NAMES / 25;
const VOLUMES = [{}, { foldsCase: true, normalizes: true }, { foldsCase: true, restrictedNames: true }];
const OUTSIDE = ["x", "etc/x", "home/x", "home/user/x", "root/.ssh/known", "home/user/in-not/x"];

/** A disk of one of the kinds, with files in all folders. */
function furnished(kind: number): MemoryDisk {
  const disk = new MemoryDisk(VOLUMES[kind]);
  for (const path of OUTSIDE) disk.writeFile(`/${path}`, path);
  disk.writeFile("/home/user/in/kept", "kept");
  disk.symlink("/etc", "/home/user/in/x");
  return disk;
}

/** Receives a valid name beside a hostile one. Resolves to whether they were accepted. */
async function landed(disk: Disk, folder: string, name: string): Promise<boolean> {
  try {
    await receiveStagedInto(folder, disk, { "fine/before": "1", [name]: "hostile", "fine/after": "2" });
    return true;
  } catch (error) {
    assert(isPliError(error, "name_refused"), `${JSON.stringify(name)}: ${error}`);
    return false;
  }
}

Deno.test(`A.1 ${NAMES} hostile names: the tree outside is unchanged, and inside where they are refused`, async () => {
  const chance = new Chance(1);
  const before = furnished(0).tree("/");
  let refused = 0;
  for (let at = 0; at < NAMES; at++) {
    const { name, isRefused } = hostileName(chance);
    const disk = furnished(at % VOLUMES.length);
    const isAccepted = await landed(disk, "/home/user/in", name);
    assert(!(isAccepted && isRefused), `${JSON.stringify(name)} was accepted`);
    const after = disk.tree("/");
    if (isAccepted) {
      const isInside = (line: string) => line.startsWith("home/user/in/");
      assert.deepEqual(
        after.filter((line) => !isInside(line)),
        before.filter((line) => !isInside(line)),
        name,
      );
      assert(before.every((line) => after.includes(line)), name);
      continue;
    }
    refused++;
    assert.deepEqual(after, before, name);
  }
  assert(refused > NAMES / 2 && refused < NAMES, `${refused} of ${NAMES} were refused`);
});

Deno.test(`A.1 ${SAMPLE} hostile names in a real folder: the tree outside is unchanged`, async () => {
  const root = await Deno.realPath(await Deno.makeTempDir({ prefix: "pli-hostile-" }));
  const inside = `${root}/home/user/in`;
  try {
    for (const path of OUTSIDE) {
      await Deno.mkdir(`${root}/${path.slice(0, path.lastIndexOf("/") + 1)}`, { recursive: true });
      await Deno.writeTextFile(`${root}/${path}`, path);
    }
    await Deno.mkdir(inside);
    await Deno.symlink(`${root}/etc`, `${inside}/x`);
    const before = treeOutside(root, inside);
    const chance = new Chance(2);
    for (let at = 0; at < SAMPLE; at++) {
      const { name, isRefused } = hostileName(chance);
      // Names that climb reach existing files, not only the root of this computer.
      const aimed = at % 4 === 0 && isRefused ? `${root}/x` : name;
      const isAccepted = await landed(realDisk, inside, aimed);
      assert(!(isAccepted && isRefused), `${JSON.stringify(aimed)} was accepted`);
      assert.deepEqual(treeOutside(root, inside), before, aimed);
    }
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

/** The entries below a folder, but not below `except`, one a line. */
function treeOutside(folder: string, except: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isFile, isDirectory }) => {
    const path = `${folder}/${name}`;
    if (path === except) return [path];
    if (isFile) return [`${path} = ${Deno.readTextFileSync(path)}`];
    return isDirectory ? [path, ...treeOutside(path, except)] : [`${path} !`];
  }).sort();
}
