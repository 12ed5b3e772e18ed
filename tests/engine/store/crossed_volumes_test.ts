// E.10: merging into a folder that is, or contains, the root of another volume.

import assert from "node:assert/strict";
import type { TransferEvent } from "../../../src/engine/mod.ts";
import { type ErrorCode, isPliError, PliError } from "../../../src/engine/errors.ts";
import { hookedDisk } from "../../fakes/hooked_disk.ts";
import { MemoryDisk, type MemoryDiskOptions } from "../../fakes/memory_disk.ts";
import { published, receiveStaged, STAGING } from "./staged_receive.ts";
import type { Disk } from "../../../src/engine/ports.ts";
import { slashed } from "../../fakes/slashes.ts";

const SENT = {
  "t/here": "H",
  "t/mnt/a": "A",
  "t/mnt/new/b": "B",
  "t/mnt/new/deep/c": "C",
  "t/mnt/old/d": "D",
};

function mounted(options: MemoryDiskOptions = {}): MemoryDisk {
  const disk = new MemoryDisk(options);
  disk.makeFolders("/in/t/mnt");
  disk.mount("/in/t/mnt");
  disk.writeFile("/in/t/mnt/kept", "kept");
  disk.writeFile("/in/t/mnt/old/x", "X");
  return disk;
}

const EXPECTED = [
  "t/",
  "t/here = H",
  "t/mnt/",
  "t/mnt/a = A",
  "t/mnt/kept = kept",
  "t/mnt/new/",
  "t/mnt/new/b = B",
  "t/mnt/new/deep/",
  "t/mnt/new/deep/c = C",
  "t/mnt/old/",
  "t/mnt/old/d = D",
  "t/mnt/old/x = X",
];

for (const [what, options] of [["with", {}], ["without", { links: false }]] as const) {
  Deno.test(`E.10 files for another volume, ${what} links, are copied there, and that is reported before`, async () => {
    const disk = mounted(options);
    const events: TransferEvent[] = [];
    await receiveStaged(disk, SENT, { onEvent: (event) => events.push(event) });
    assert.deepEqual(disk.tree("/in").sort(), EXPECTED, "no other file is left on either volume");
    assert.deepEqual(
      events.map((event) => "path" in event ? { ...event, path: slashed(event.path) } : event),
      [{ type: "volume_crossed", path: "/in/t/mnt" }],
    );
  });
}

Deno.test("E.10 a name that is taken on the other volume gets a number, a file to be replaced is replaced", async () => {
  const disk = mounted();
  disk.writeFile("/in/t/mnt/a", "mine");
  await receiveStaged(disk, SENT);
  assert.equal(disk.readFile("/in/t/mnt/a"), "mine");
  assert.equal(disk.readFile("/in/t/mnt/a (2)"), "A");
  const other = mounted();
  other.writeFile("/in/t/mnt/a", "mine");
  await receiveStaged(other, SENT, { existing: "overwrite" });
  assert.equal(other.readFile("/in/t/mnt/a"), "A");
});

Deno.test("E.10 a wrong copy is not published; files on the same volume are", async () => {
  const memory = mounted();
  const disk = hookedDisk(memory, () => {});
  const open = disk.open;
  const wrong = {
    ...disk,
    open: async (...[path, mode]: Parameters<typeof open>) => {
      const file = await open(path, mode);
      if (file === null || mode !== "create" || !/^\/in\/t\/mnt\//.test(slashed(path))) return file;
      return {
        ...file,
        writeAt: (bytes: Uint8Array, at: number) => file.writeAt(bytes.map((byte) => byte ^ 1), at),
      };
    },
  };
  await assert.rejects(receiveStaged(wrong, SENT), (error) => isPliError(error, "destination_changed"));
  assert.deepEqual(published(memory, "/in/t/mnt").sort(), ["kept = kept", "old/", "old/x = X"]);
});

Deno.test("E.10 a failed copy leaves no file, and the next run fetches the missing ones", async () => {
  for (const operation of ["makeFolder", "open", "rename", "link", "syncFolder"] as const) {
    for (let skipped = 0; skipped < 6; skipped++) {
      const memory = mounted();
      let seen = 0;
      const disk = hookedDisk(memory, (now, ...paths) => {
        const isThere = now === operation && paths.some((path) => /^\/in\/t\/mnt\//.test(String(path)));
        if (isThere && seen++ === skipped) throw new PliError("disk_full", { path: String(paths[0]) });
      });
      const outcome = await receiveStaged(disk, SENT).then(
        () => "landed",
        (error) => (error as { code: ErrorCode }).code,
      );
      if (seen <= skipped) break;
      assert.equal(outcome, "disk_full", `${operation} ${skipped}`);
      const left = memory.tree("/in/t").filter((line) => line.includes(".pli-"));
      assert.deepEqual(left, [], `${operation} ${skipped}: nothing of the copies is left`);
      await receiveStaged(memory, SENT);
      assert.deepEqual(memory.tree("/in").sort(), EXPECTED, `${operation} ${skipped}`);
    }
  }
});

Deno.test("E.10 E.9 a lack of space on the other volume is reported before the first byte", async () => {
  const disk = mounted();
  const limited = (largestFileBytes: number | null) => ({
    ...hookedDisk(disk, () => {}),
    room: (path: string) =>
      Promise.resolve({
        freeBytes: slashed(path).startsWith("/in/t/mnt") ? 3 : 1e9,
        freeInodes: null,
        blockBytes: 0,
        largestFileBytes: slashed(path).startsWith("/in/t/mnt") ? largestFileBytes : null,
      }),
  });
  const events: TransferEvent[] = [];
  await receiveStaged(limited(null), SENT, { onEvent: (event) => events.push(event) });
  assert.deepEqual(events[1], { type: "space_short", neededBytes: 4, freeBytes: 3 });
  await assert.rejects(
    receiveStaged(limited(0), { "t/mnt/later": "L" }),
    (error) => isPliError(error, "disk_file_too_large"),
  );
});

Deno.test("E.10 copies of a killed run are removed, an unfinished download into that folder is kept", async () => {
  const left = `/in/t/mnt/${STAGING.slice(0, -1)}f`;
  for (const isDownload of [false, true]) {
    const disk = mounted();
    disk.writeFile(`${left}/lock`, "");
    disk.writeFile(`${left}/copies/0`, "half");
    if (isDownload) disk.writeFile(`${left}/files/a`, "half");
    disk.setAccess(left, { isOwn: true, isClosed: true });
    await receiveStaged(disk, SENT);
    const rest = disk.tree("/in/t/mnt").filter((line) => line.includes(".pli-"));
    const name = left.slice("/in/t/mnt/".length);
    const kept = [`${name}/`, `${name}/files/`, `${name}/files/a = half`, `${name}/lock = `];
    assert.deepEqual(rest.sort(), isDownload ? kept : []);
  }
});

Deno.test("E.10 another volume that is read-only is reported before the first byte, by its path", async () => {
  const memory = mounted();
  const hooked = hookedDisk(memory, (operation, path) => {
    if (operation === "open" && String(path).includes("/files/")) assert.fail("a byte was written");
  });
  const disk: Disk = {
    ...hooked,
    makeFolder: async (path, isPrivate) => {
      if (slashed(path).startsWith("/in/t/mnt/")) throw new PliError("disk_read_only", { path });
      return await hooked.makeFolder(path, isPrivate);
    },
  };
  await assert.rejects(
    receiveStaged(disk, SENT),
    (error) => isPliError(error, "disk_read_only") && slashed(error.parameters.path) === "/in/t/mnt",
  );
});
