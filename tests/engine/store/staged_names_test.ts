// Any names, on any kind of volume with any content: nothing outside of the destination changes, its content is kept, and
// accepted files arrive complete.

import assert from "node:assert/strict";
import fc from "fast-check";
import { isPliError } from "../../../src/engine/errors.ts";
import { MemoryDisk } from "../../fakes/memory_disk.ts";
import { receiveStagedInto } from "./staged_receive.ts";
import { NAME_RUNS, nastyNames } from "./nasty_names.ts";

const DESTINATION = "/home/user/in";

/** A disk with files in all folders, and existing names in the destination. */
function furnished(
  options: { foldsCase: boolean; normalizes: boolean; restrictedNames: boolean; links: boolean },
) {
  const disk = new MemoryDisk(options);
  for (const path of ["/x", "/etc/x", "/home/x", "/home/user/x", "/home/user/inner"]) {
    disk.writeFile(path, path);
  }
  disk.writeFile(`${DESTINATION}/x.txt`, "old x.txt");
  disk.writeFile(`${DESTINATION}/a/b`, "old a/b");
  disk.makeFolders(`${DESTINATION}/y/a`);
  disk.symlink("/etc", `${DESTINATION}/b`);
  disk.symlink("..", `${DESTINATION}/y/b`);
  disk.symlink("/etc/x", `${DESTINATION}/x`);
  disk.special(`${DESTINATION}/A (2)`);
  return disk;
}

const inside = (line: string) => line.startsWith(DESTINATION.slice(1));

Deno.test("A.1 for any names nothing outside changes, nothing inside is lost, and accepted files arrive", async () => {
  const volumes = fc.record({
    foldsCase: fc.boolean(),
    normalizes: fc.boolean(),
    restrictedNames: fc.boolean(),
    links: fc.boolean(),
  });
  const policies = fc.constantFrom("merge" as const, "rename" as const);
  let accepted = 0;
  const property = fc.asyncProperty(nastyNames, volumes, policies, async (list, options, existing) => {
    const names = [...new Set(list)];
    const disk = furnished(options);
    const before = disk.tree("/");
    const content = Object.fromEntries(names.map((name, at) => [name, `new ${at}`]));
    let refused = false;
    try {
      await receiveStagedInto(DESTINATION, disk, content, { existing });
      accepted++;
    } catch (error) {
      assert(isPliError(error, "name_refused"), String(error));
      refused = true;
    }
    const after = disk.tree("/");
    if (refused) return assert.deepEqual(after, before);
    assert.deepEqual(after.filter((line) => !inside(line)), before.filter((line) => !inside(line)));
    const kept = new Set(after);
    assert(before.every((line) => kept.has(line)));
    const arrived = after.filter((line) => / = new \d+$/.test(line)).length;
    assert.equal(arrived, names.length);
    assert(!after.some((line) => line.includes(".pli-")));
  });
  await fc.assert(property, { numRuns: NAME_RUNS });
  assert(accepted > NAME_RUNS / 2, `only ${accepted} lists of names were accepted`);
});
