import assert from "node:assert/strict";
import { isPliError, PliError } from "../../../src/engine/errors.ts";
import { nameKey, probeVolume } from "../../../src/engine/store/volume.ts";
import { hookedDisk } from "../../fakes/hooked_disk.ts";
import { MemoryDisk, type MemoryDiskOptions } from "../../fakes/memory_disk.ts";

async function probe(options: MemoryDiskOptions) {
  const disk = new MemoryDisk(options);
  disk.makeFolders("/staging");
  const volume = await probeVolume(disk, "/staging");
  assert.deepEqual(disk.tree("/staging"), []);
  return volume;
}

Deno.test("the naming rules of a volume are detected, and no files are left", async () => {
  const none = { foldsCase: false, normalizes: false, restrictsNames: false };
  assert.deepEqual(await probe({}), none);
  assert.deepEqual(await probe({ foldsCase: true }), { ...none, foldsCase: true });
  assert.deepEqual(await probe({ normalizes: true }), { ...none, normalizes: true });
  assert.deepEqual(await probe({ restrictedNames: true }), { ...none, restrictsNames: true });
});

Deno.test("a volume that refuses a name is restricted, another failure is an error", async () => {
  const refusing = (code: "disk_failed" | "disk_full") => {
    const memory = new MemoryDisk();
    memory.makeFolders("/staging");
    return hookedDisk(memory, (operation, path) => {
      if (operation === "open" && String(path).includes(":")) {
        throw new PliError(code, { path: String(path) });
      }
    });
  };
  assert.equal((await probeVolume(refusing("disk_failed"), "/staging")).restrictsNames, true);
  await assert.rejects(
    probeVolume(refusing("disk_full"), "/staging"),
    (error) => isPliError(error, "disk_full"),
  );
});

Deno.test("keys are equal for names that a folding, normalising volume does not distinguish", () => {
  const plain = { foldsCase: false, normalizes: false, restrictsNames: false };
  const folding = { foldsCase: true, normalizes: true, restrictsNames: false };
  const twins = [["Makefile", "makefile"], ["É", "e\u0301"], ["ß", "SS"], ["\u017f", "S"], ["a\u200d", "A"]];
  for (const [a, b] of twins) {
    assert.equal(nameKey(a, folding), nameKey(b, folding));
    assert.notEqual(nameKey(a, plain), nameKey(b, plain));
  }
  assert.notEqual(nameKey("a", folding), nameKey("b", folding));
});
