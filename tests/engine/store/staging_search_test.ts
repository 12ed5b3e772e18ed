// E.19: the choice of the staging folder in a destination that other users can write to, and the files published from it.

import assert from "node:assert/strict";
import type { TransferEvent } from "../../../src/engine/mod.ts";
import { isPliError, PliError } from "../../../src/engine/errors.ts";
import { hookedDisk } from "../../fakes/hooked_disk.ts";
import { MemoryDisk } from "../../fakes/memory_disk.ts";
import { openStaged, published, receiveStaged, ROOT_HASH, STAGING } from "./staged_receive.ts";
import { slashed } from "../../fakes/slashes.ts";

/** The name in earlier versions, which follows from the ticket. */
const OLD_NAME = `.pli-${ROOT_HASH.subarray(0, 8).toHex()}`;
const OWN = { isOwn: true, isClosed: true };

function planted(name: string, access: { isOwn: boolean; isClosed: boolean }): MemoryDisk {
  const disk = new MemoryDisk();
  disk.writeFile(`/in/${name}/lock`, "");
  disk.writeFile(`/in/${name}/files/a`, "theirs");
  disk.setAccess(`/in/${name}`, access);
  return disk;
}

const REFUSED = [
  ["another user's", { isOwn: false, isClosed: true }, "other_owner"],
  ["another user's that all can enter", { isOwn: false, isClosed: false }, "other_owner"],
  ["one's own that others can enter", { isOwn: true, isClosed: false }, "open_to_others"],
] as const;

for (const [what, access, reason] of REFUSED) {
  Deno.test(`E.19 a staging folder is not used when it is ${what}: that is reported, and another one is created`, async () => {
    const disk = planted(OLD_NAME, access);
    const events: TransferEvent[] = [];
    await receiveStaged(disk, { a: "A" }, { onEvent: (event) => events.push(event) });
    assert.equal(disk.readFile("/in/a"), "A");
    assert.equal(disk.readFile(`/in/${OLD_NAME}/files/a`), "theirs", "it is unchanged");
    const slashedEvents = events.map((event) =>
      "path" in event ? { ...event, path: slashed(event.path) } : event
    );
    assert.deepEqual(slashedEvents, [{ type: "staging_refused", path: `/in/${OLD_NAME}`, reason }]);
    assert.deepEqual(disk.names("/in")!.sort(), [OLD_NAME, "a"], "its own staging folder is removed");
  });
}

Deno.test("E.19 two users receive the same into one folder: neither reads the staging folder of the other", async () => {
  const memory = planted(OLD_NAME, { isOwn: false, isClosed: true });
  const disk = hookedDisk(memory, (_, path) => {
    if (String(path).startsWith(`/in/${OLD_NAME}/`)) {
      throw new PliError("disk_denied", { path: String(path) });
    }
  });
  const staged = await openStaged(disk);
  assert.equal(slashed(staged.staging.folder.path), `/in/${STAGING}`);
  await staged.abandon();
});

Deno.test("E.19 a private staging folder of this user is used, also under the earlier name", async () => {
  for (const name of [OLD_NAME, `${OLD_NAME}-${"c".repeat(32)}`]) {
    const disk = planted(name, OWN);
    const staged = await openStaged(disk);
    assert.equal(slashed(staged.staging.folder.path), `/in/${name}`);
    await staged.abandon();
  }
});

Deno.test("E.19 on a volume without modes a folder that looks like a new one is used", async () => {
  const disk = new MemoryDisk({ modes: false });
  disk.writeFile(`/in/${OLD_NAME}/lock`, "");
  const staged = await openStaged(disk);
  assert.equal(slashed(staged.staging.folder.path), `/in/${OLD_NAME}`);
  assert.deepEqual(disk.names("/in"), [OLD_NAME], "the folder for comparison is removed");
  await staged.abandon();
});

Deno.test("E.19 a private folder that has only the name of a staging folder is not changed", async () => {
  const disk = new MemoryDisk();
  disk.writeFile(`/in/${OLD_NAME}/diary`, "mine");
  disk.setAccess(`/in/${OLD_NAME}`, OWN);
  await receiveStaged(disk, { a: "A" });
  assert.equal(disk.readFile(`/in/${OLD_NAME}/diary`), "mine");
});

Deno.test("E.19 the names of staging folders are unpredictable: they have 128 random bits", async () => {
  const names = new Set<string>();
  for (let i = 0; i < 20; i++) {
    const disk = new MemoryDisk();
    const staged = await openStaged(disk, undefined, undefined, null);
    names.add(slashed(staged.staging.folder.path));
    await staged.abandon();
  }
  assert.equal(names.size, 20);
  for (const name of names) assert.match(name, /^\/in\/\.pli-[0-9a-f]{16}-[0-9a-f]{32}$/);
});

Deno.test("E.19 of two that start at the same time at most one continues, the other fails", async () => {
  for (let seed = 0; seed < 300; seed++) {
    const memory = new MemoryDisk();
    memory.makeFolders("/in");
    let state = seed + 1;
    const turns = async () => {
      state = Math.imul(state, 48_271) % 0x7fffffff;
      for (let at = Math.abs(state) % 7; at > 0; at--) await Promise.resolve();
    };
    const disk = hookedDisk(memory, turns);
    const [one, other] = await Promise.allSettled([
      openStaged(disk, undefined, undefined, null),
      openStaged(disk, undefined, undefined, null),
    ]);
    const staged = [one, other].flatMap((each) => each.status === "fulfilled" ? [each.value] : []);
    assert.ok(staged.length <= 1, `seed ${seed}: both go on`);
    for (const each of [one, other]) {
      if (each.status === "rejected") {
        assert.ok(isPliError(each.reason, "destination_busy"), String(each.reason));
      }
    }
    for (const each of staged) await each.abandon();
    const left = (memory.names("/in") ?? []).length;
    assert.ok(left <= 1, `seed ${seed}: ${left} folders are left`);
  }
});

for (const publishesByDescriptor of [false, true]) {
  for (const existing of ["merge", "overwrite"] as const) {
    const how = publishesByDescriptor ? "through a descriptor" : "by path";
    Deno.test(`E.19 a staging folder replaced just before a file is published ${how} (${existing}): no wrong file`, async () => {
      const memory = new MemoryDisk({ publishesByDescriptor });
      memory.makeFolders("/in");
      let isSwapped = false;
      const disk = hookedDisk(memory, async (operation, from) => {
        if (isSwapped || (operation !== "link" && operation !== "rename")) return;
        isSwapped = true;
        const folder = `/in/${STAGING}`;
        assert.equal(from, `${folder}/files/a`);
        await memory.rename(folder, "/in/moved");
        memory.writeFile(`${folder}/files/a`, "theirs");
      });
      await assert.rejects(
        receiveStaged(disk, { a: "A" }, { existing }),
        (error) => isPliError(error, "destination_changed"),
      );
      assert.ok(isSwapped);
      const isLeft = existing === "overwrite" && !publishesByDescriptor;
      // A rename by path cannot be compared: the error names the file.
      if (!isLeft) assert.deepEqual(published(memory, "/in").filter((line) => line.startsWith("a")), []);
    });
  }
}

Deno.test("E.19 where the system does not report a folder's owner, a new one is created", async () => {
  const disk = new MemoryDisk({ modes: false, tellsAccess: false });
  disk.writeFile(`/in/${OLD_NAME}/lock`, "");
  disk.setAccess(`/in/${OLD_NAME}`, { isOwn: false, isClosed: false });
  const staged = await openStaged(disk);
  assert.equal(slashed(staged.staging.folder.path), `/in/${STAGING}`);
  await staged.abandon();
});

Deno.test("E.19 a new folder that is replaced directly after its creation is not used", async () => {
  const memory = new MemoryDisk();
  memory.makeFolders("/in");
  let isSwapped = false;
  const disk = hookedDisk(memory, async (operation, path) => {
    if (isSwapped || operation !== "folderAccess") return;
    isSwapped = true;
    await memory.rename(String(path), "/in/moved");
    await memory.makeFolder(String(path));
    memory.setAccess(String(path), { isOwn: false, isClosed: false });
  });
  await assert.rejects(receiveStaged(disk, { a: "A" }), (error) => isPliError(error, "destination_changed"));
  assert.ok(isSwapped);
  assert.deepEqual(published(memory, "/in").filter((line) => line.startsWith("a")), []);
});
