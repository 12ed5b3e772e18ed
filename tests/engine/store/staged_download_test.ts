import assert from "node:assert/strict";
import { type ErrorCode, isPliError, PliError } from "../../../src/engine/errors.ts";
import type { Disk } from "../../../src/engine/ports.ts";
import { hookedDisk } from "../../fakes/hooked_disk.ts";
import { MemoryDisk } from "../../fakes/memory_disk.ts";
import {
  openStaged,
  published,
  receiveStaged,
  receiveStagedInto,
  ROOT_HASH,
  STAGING,
} from "./staged_receive.ts";
import { slashed } from "../../fakes/slashes.ts";

const fails = (code: ErrorCode) => (error: unknown) => isPliError(error, code);

Deno.test("a collection is published under its names, and no staging folder is left", async () => {
  const disk = new MemoryDisk();
  disk.makeFolders("/in");
  const { names, events } = await receiveStaged(disk, {
    "trip/a.txt": "A",
    "trip/deep/b": "B",
    "trip/empty": "",
    "c": "C",
  });
  assert.deepEqual(disk.tree("/in"), [
    "c = C",
    "trip/",
    "trip/a.txt = A",
    "trip/deep/",
    "trip/deep/b = B",
    "trip/empty = ",
  ]);
  assert.deepEqual(names, ["c", "trip"]);
  assert.deepEqual(events, []);
});

Deno.test("a missing destination is created, a symlink to one is used, a file is refused", async () => {
  const disk = new MemoryDisk();
  await receiveStagedInto("/not/there/yet", disk, { a: "A" });
  assert.deepEqual(disk.tree("/not/there/yet"), ["a = A"]);
  disk.symlink("/not/there/yet", "/link");
  await receiveStagedInto("/link", disk, { b: "B" });
  assert.deepEqual(disk.tree("/not/there/yet"), ["a = A", "b = B"]);
  disk.symlink("/nowhere", "/dangling");
  for (const folder of ["/not/there/yet/a", "/not/there/yet/a/below", "/dangling"]) {
    await assert.rejects(receiveStagedInto(folder, disk, { c: "C" }), fails("destination_not_folder"));
  }
});

Deno.test("a destination that cannot be created leaves none of the folders above it", async () => {
  const path = `/in/n1/n2/${"deep/".repeat(400)}${"a".repeat(300)}`;
  for (const [failing, refused] of [["makeFolder", path], ["syncFolder", "/in/n1/n2"]]) {
    const memory = new MemoryDisk();
    memory.makeFolders("/in");
    const disk = hookedDisk(memory, (operation, at) => {
      if (operation === failing && at === refused) throw new PliError("disk_name_invalid", { path: refused });
    });
    await assert.rejects(receiveStagedInto(path, disk, { a: "A" }), fails("disk_name_invalid"));
    assert.deepEqual(memory.tree("/in"), [], failing);
  }
});

Deno.test("the removal of folders above a refused destination keeps what another program put there", async () => {
  const memory = new MemoryDisk();
  memory.makeFolders("/in");
  const disk = hookedDisk(memory, (operation, at) => {
    if (operation !== "makeFolder" || at !== "/in/n1/n2/bad") return;
    memory.writeFile("/in/n1/theirs", "");
    throw new PliError("disk_name_invalid", { path: String(at) });
  });
  await assert.rejects(receiveStagedInto("/in/n1/n2/bad", disk, { a: "A" }), fails("disk_name_invalid"));
  assert.deepEqual(memory.tree("/in"), ["n1/", "n1/theirs = "]);
});

Deno.test("a new folder is published by one rename, when it is complete", async () => {
  const memory = new MemoryDisk();
  memory.makeFolders("/in");
  const seen: string[][] = [];
  const disk = hookedDisk(memory, (operation, ...given) => {
    if (operation !== "link" && operation !== "rename") return;
    seen.push([operation, ...given.slice(0, 2).map(String)]);
    assert.deepEqual(memory.tree(String(given[0])), ["a = A", "deep/", "deep/b = B"]);
  });
  await receiveStaged(disk, { "trip/a": "A", "trip/deep/b": "B" });
  assert.deepEqual(seen, [["rename", `/in/${STAGING}/files/trip`, "/in/trip"]]);
});

Deno.test("merge: existing files with the same content are skipped, others are numbered", async () => {
  const disk = new MemoryDisk();
  disk.writeFile("/in/trip/same", "same");
  disk.writeFile("/in/trip/size.txt", "longer than before");
  disk.writeFile("/in/trip/other.txt", "old");
  disk.writeFile("/in/trip/other (2).txt", "older");
  const incoming = {
    "trip/same": "same",
    "trip/size.txt": "size",
    "trip/other.txt": "new",
    "trip/sub/x": "X",
  };
  const { names, events } = await receiveStaged(disk, incoming);
  assert.deepEqual(disk.tree("/in"), [
    "trip/",
    "trip/other (2).txt = older",
    "trip/other (3).txt = new",
    "trip/other.txt = old",
    "trip/same = same",
    "trip/size (2).txt = size",
    "trip/size.txt = longer than before",
    "trip/sub/",
    "trip/sub/x = X",
  ]);
  assert.deepEqual(names, ["trip"]);
  assert.deepEqual(events, [
    "trip/same already_there",
    "trip/size.txt -> trip/size (2).txt",
    "trip/other.txt -> trip/other (3).txt",
  ]);
});

Deno.test("merge: hundreds of names take few calls, and an error of one is thrown", async () => {
  const memory = new MemoryDisk();
  const names = Array.from({ length: 700 }, (_, at) => `d/${at}`);
  for (const name of names.slice(0, 600)) memory.writeFile(`/in/${name}`, name === "d/300" ? "old" : "same");
  const incoming = Object.fromEntries(names.map((name) => [name, "same"]));
  const failing = hookedDisk(memory, (operation, path) => {
    if (operation === "status" && path === "/in/d/650") throw new PliError("disk_denied", { path });
  });
  await assert.rejects(receiveStaged(failing, incoming), fails("disk_denied"));
  let calls = 0;
  const counting: Disk = {
    ...hookedDisk(memory, () => {}),
    statuses: (paths) => (calls++, memory.statuses(paths)),
  };
  const staged = await openStaged(counting, undefined, () => Promise.resolve(true));
  calls = 0;
  const files = names.map((name) => ({ name, sizeBytes: 4, hash: ROOT_HASH }));
  const { indices } = await staged.plan(files);
  assert.deepEqual(indices, [300, ...Array.from({ length: 100 }, (_, at) => 600 + at)]);
  assert(calls <= 5, `${calls} calls`);
  await staged.abandon();
});

Deno.test("merge: a number that the collection uses is skipped", async () => {
  const disk = new MemoryDisk();
  disk.writeFile("/in/a", "old");
  await receiveStaged(disk, { "a": "1", "a (2)": "2" });
  assert.deepEqual(disk.tree("/in"), ["a (2) = 2", "a (3) = 1", "a = old"]);
});

Deno.test("the same collection again needs nothing and changes nothing", async () => {
  const disk = new MemoryDisk();
  disk.makeFolders("/in");
  const incoming = { "trip/a": "A", "trip/b": "B" };
  await receiveStaged(disk, incoming);
  const { names, fetched } = await receiveStaged(disk, incoming);
  assert.deepEqual(fetched, []);
  assert.deepEqual(names, []);
  assert.deepEqual(disk.tree("/in"), ["trip/", "trip/a = A", "trip/b = B"]);
});

Deno.test("A.6 overwrite: files and symlinks are replaced, not written through; folders and devices are not", async () => {
  const disk = new MemoryDisk();
  disk.writeFile("/outside", "outside");
  disk.writeFile("/in/d/file", "old");
  disk.writeFile("/in/d/same", "same");
  disk.symlink("/outside", "/in/d/symlink");
  disk.writeFile("/in/d/folder/kept", "kept");
  disk.special("/in/d/special");
  const incoming = {
    "d/file": "1",
    "d/symlink": "2",
    "d/folder": "3",
    "d/special": "4",
    "d/new": "5",
    "d/same": "same",
  };
  const { events } = await receiveStaged(disk, incoming, { existing: "overwrite" });
  assert.equal(disk.readFile("/outside"), "outside");
  assert.deepEqual(disk.tree("/in/d"), [
    "file = 1",
    "folder (2) = 3",
    "folder/",
    "folder/kept = kept",
    "new = 5",
    "same = same",
    "special !",
    "special (2) = 4",
    "symlink = 2",
  ]);
  assert.deepEqual(events, [
    "d/folder -> d/folder (2)",
    "d/special -> d/special (2)",
    "d/same already_there",
  ]);
});

Deno.test("rename: an entry whose name exists at the top is renamed as a whole", async () => {
  const disk = new MemoryDisk();
  disk.writeFile("/in/trip/a", "A");
  disk.writeFile("/in/c.txt", "old");
  const incoming = { "trip/a": "A", "trip/b": "B", "c.txt": "new", "d": "D" };
  const { names, events } = await receiveStaged(disk, incoming, { existing: "rename" });
  assert.deepEqual(disk.tree("/in"), [
    "c (2).txt = new",
    "c.txt = old",
    "d = D",
    "trip (2)/",
    "trip (2)/a = A",
    "trip (2)/b = B",
    "trip/",
    "trip/a = A",
  ]);
  assert.deepEqual(names, ["c (2).txt", "d", "trip (2)"]);
  assert.deepEqual(events, ["trip -> trip (2)", "c.txt -> c (2).txt"]);
});

Deno.test("skip: existing files are kept and not compared, the others are received", async () => {
  const disk = new MemoryDisk();
  disk.writeFile("/in/trip/a", "old");
  disk.makeFolders("/in/trip/b");
  const { events } = await receiveStaged(disk, { "trip/a": "new", "trip/b": "B", "trip/c": "C" }, {
    existing: "skip",
    sameContent: () => assert.fail("compared"),
  });
  assert.deepEqual(disk.tree("/in"), ["trip/", "trip/a = old", "trip/b/", "trip/c = C"]);
  assert.deepEqual(events, ["trip/a kept_existing", "trip/b kept_existing"]);
});

Deno.test("a folder with the name of an existing file or symlink is renamed, and the symlink is not followed", async () => {
  for (const existing of ["merge", "overwrite", "rename", "skip"] as const) {
    const disk = new MemoryDisk();
    disk.makeFolders("/outside");
    disk.writeFile("/in/file", "kept");
    disk.symlink("/outside", "/in/d/symlink");
    const incoming = { "file/a": "A", "d/symlink/b": "B" };
    const { events } = await receiveStaged(disk, incoming, { existing });
    assert.deepEqual(disk.tree("/outside"), []);
    assert.equal(disk.readFile("/in/file"), "kept");
    assert.equal(disk.readFile("/in/file (2)/a"), "A");
    const placed = existing === "rename" ? "d (2)/symlink" : "d/symlink (2)";
    assert.equal(disk.readFile(`/in/${placed}/b`), "B");
    assert.deepEqual(
      events.sort(),
      [existing === "rename" ? "d -> d (2)" : "d/symlink -> d/symlink (2)", "file -> file (2)"],
    );
  }
});

Deno.test("A.2 a volume that folds case and has Windows' rules gets names that it supports, all reported", async () => {
  const disk = new MemoryDisk({ foldsCase: true, restrictedNames: true });
  disk.makeFolders("/in");
  const { events } = await receiveStaged(disk, {
    "src/aux.c": "1",
    "Makefile": "2",
    "makefile": "3",
    "a:b": "4",
    "Src/x": "5",
  });
  assert.deepEqual(disk.tree("/in"), [
    "Makefile = 2",
    "Src (2)/",
    "Src (2)/x = 5",
    "a_b = 4",
    "makefile (2) = 3",
    "src/",
    "src/aux_.c = 1",
  ]);
  assert.deepEqual(events, [
    "src/aux.c -> src/aux_.c",
    "makefile -> makefile (2)",
    "a:b -> a_b",
    "Src -> Src (2)",
  ]);
});

Deno.test("A.1 one invalid name refuses the whole collection, and nothing is created", async () => {
  const disk = new MemoryDisk();
  disk.makeFolders("/in");
  await assert.rejects(receiveStaged(disk, { "fine": "", "../x": "" }), fails("name_refused"));
  assert.deepEqual(disk.tree("/"), ["in/"]);
});

Deno.test("the name of the staging folder is not used for a file", async () => {
  const disk = new MemoryDisk();
  disk.makeFolders("/in");
  await receiveStaged(disk, { [`${STAGING}/files/a`]: "A" });
  assert.deepEqual(disk.tree("/in"), [
    `${STAGING} (2)/`,
    `${STAGING} (2)/files/`,
    `${STAGING} (2)/files/a = A`,
  ]);
});

Deno.test("bytes may be written in any order, to several files at once, in pieces of any size", async () => {
  const disk = new MemoryDisk();
  const sizes = [3_000_000, 1, 1_048_576, 1_048_577, 0, 1_500_000, ...Array<number>(12).fill(40_000)];
  const content = (index: number, at: number) => (index * 31 + at * 7 + (at >> 8)) & 0xff;
  const staged = await openStaged(disk);
  await staged.plan(sizes.map((sizeBytes, index) => ({ name: `f${index}`, sizeBytes, hash: ROOT_HASH })));
  const pieces = sizes.flatMap((size, index) => {
    const pieceBytes = index === 0 ? 2_000_000 : 16_384;
    const starts = Array.from({ length: Math.ceil(size / pieceBytes) }, (_, at) => at * pieceBytes);
    return starts.map((start) => ({ index, start, end: Math.min(size, start + pieceBytes) }));
  });
  // A fixed shuffle: neighbours in a file are far apart, and the limit on open files is reached often.
  pieces.sort((a, b) => (a.start * 7 + a.index * 13) % 101 - (b.start * 7 + b.index * 13) % 101);
  for (let at = 0; at < pieces.length; at += 20) {
    await Promise.all(
      pieces.slice(at, at + 20).map(async ({ index, start, end }) => {
        const bytes = Uint8Array.from({ length: end - start }, (_, offset) => content(index, start + offset));
        await staged.write(index, start, bytes);
        bytes.fill(0xee);
      }),
    );
  }
  await Promise.all(sizes.map((_, index) => staged.finish(index)));
  await staged.publish();
  for (const [index, size] of sizes.entries()) {
    const file = await disk.open(`/in/f${index}`, "read");
    const bytes = new Uint8Array(size + 1);
    assert.equal(await file?.readAt(bytes, 0), size);
    assert(bytes.subarray(0, size).every((byte, at) => byte === content(index, at)), `file ${index}`);
  }
});

Deno.test("pieces are written at once, a few of one file at a time, with few open files", async () => {
  let writes = 0;
  let openFiles = 0;
  let mostOpen = 0;
  let mostWriting = 0;
  const memory = new MemoryDisk();
  const disk: Disk = {
    ...hookedDisk(memory, () => {}),
    open: async (path, mode) => {
      const file = await memory.open(path, mode);
      if (file === null) return null;
      mostOpen = Math.max(mostOpen, ++openFiles);
      let writing = 0;
      return {
        ...file,
        writeAt: async (bytes, offset) => {
          writes++;
          mostWriting = Math.max(mostWriting, ++writing);
          await new Promise((resolve) => setTimeout(resolve));
          await file.writeAt(bytes, offset);
          writing--;
        },
        close: () => {
          assert.equal(writing, 0);
          openFiles--;
          return file.close();
        },
      };
    },
  };
  const staged = await openStaged(disk);
  const files = Array.from({ length: 40 }, (_, at) => ({ name: `${at}`, sizeBytes: 8000, hash: ROOT_HASH }));
  await staged.plan(files);
  for (const index of files.keys()) {
    const offsets = Array.from({ length: 8 }, (_, at) => at * 1000);
    await Promise.all(
      offsets.map((offset) => staged.write(index, offset, new Uint8Array(1000).fill(index))),
    );
  }
  assert(mostOpen <= 10, `${mostOpen} open`);
  for (const index of files.keys()) await staged.finish(index);
  await staged.publish();
  assert.equal(writes, 320);
  assert.equal(mostWriting, 4);
  assert.equal(openFiles, 0);
  assert.equal(memory.readFile("/in/33"), "!".repeat(8000));
});

Deno.test("a file with a failed write is never finished", async () => {
  const memory = new MemoryDisk();
  const disk: Disk = {
    ...hookedDisk(memory, () => {}),
    open: async (path, mode) => {
      const file = await memory.open(path, mode);
      if (file === null) return null;
      return {
        ...file,
        writeAt: (bytes, offset) => {
          if (offset === 0) return Promise.reject(new PliError("disk_full", { path }));
          return file.writeAt(bytes, offset);
        },
      };
    },
  };
  const staged = await openStaged(disk);
  await staged.plan([{ name: "a", sizeBytes: 20, hash: ROOT_HASH }]);
  const [first, second] = await Promise.allSettled(
    [0, 10].map((at) => staged.write(0, at, new Uint8Array(10))),
  );
  assert(first.status === "rejected" && isPliError(first.reason, "disk_full"));
  assert.equal(second.status, "fulfilled");
  await assert.rejects(async () => {
    await staged.finish(0);
    await staged.publish();
  }, fails("disk_full"));
  await staged.abandon();
  assert.deepEqual(published(memory, "/"), ["in/"]);
});

Deno.test("every file is flushed before a name appears, every folder before the staging folder is removed", async () => {
  const memory = new MemoryDisk();
  memory.writeFile("/in/old/x", "");
  const log: string[] = [];
  const hooked = hookedDisk(memory, (operation, ...given) => {
    if (["link", "rename", "syncFolder", "removeTree"].includes(operation)) {
      log.push(`${operation} ${String(given[1] ?? given[0]).replace(`/in/${STAGING}`, "S")}`);
    }
  });
  const disk: Disk = {
    ...hooked,
    open: async (path, mode) => {
      const file = await memory.open(path, mode);
      if (file === null) return null;
      return {
        ...file,
        sync: () => (log.push(`sync ${slashed(path).replace(`/in/${STAGING}`, "S")}`), file.sync()),
      };
    },
  };
  await receiveStaged(disk, { "old/y": "Y", "new/deep/z": "Z" });
  const published = log.slice(log.findIndex((line) => line.startsWith("sync")), -1);
  assert.deepEqual(published.slice(0, 2).sort(), ["sync S/files/new/deep/z", "sync S/files/old/y"]);
  assert.deepEqual(published.slice(2, 6).sort(), [
    "syncFolder S/files",
    "syncFolder S/files/new",
    "syncFolder S/files/new/deep",
    "syncFolder S/files/old",
  ]);
  assert.deepEqual(published.slice(6), [
    "link /in/old/y",
    "rename /in/new",
    "syncFolder /in",
    "syncFolder /in/old",
  ]);
  assert.equal(log.at(-1), "removeTree S/files");
});

Deno.test("one transfer for each collection and destination: the second fails, and succeeds after the first", async () => {
  const disk = new MemoryDisk();
  const first = await openStaged(disk);
  await assert.rejects(openStaged(disk), fails("destination_busy"));
  await first.abandon();
  await first.abandon();
  await (await openStaged(disk)).abandon();
  assert.deepEqual(disk.tree("/"), [], "the destination that it created is removed");
});

Deno.test("files of an earlier run are removed", async () => {
  const disk = new MemoryDisk();
  disk.writeFile(`/in/${STAGING}/files/trip/a`, "half");
  disk.writeFile(`/in/${STAGING}/journal`, "?");
  disk.writeFile(`/in/${STAGING}/lock`, "");
  disk.setAccess(`/in/${STAGING}`, { isOwn: true, isClosed: true });
  await receiveStaged(disk, { "trip/a": "A" });
  assert.deepEqual(disk.tree("/in"), ["trip/", "trip/a = A"]);
});

Deno.test("abandoning leaves the destination unchanged, also twice and after publishing", async () => {
  const disk = new MemoryDisk();
  disk.writeFile("/in/old", "old");
  const staged = await openStaged(disk);
  await staged.plan(["a", "b/c"].map((name) => ({ name, sizeBytes: 3, hash: ROOT_HASH })));
  await staged.write(0, 0, new Uint8Array(3));
  await staged.finish(0);
  await staged.write(1, 0, new Uint8Array(2));
  await staged.abandon();
  await staged.abandon();
  assert.deepEqual(published(disk, "/in"), ["old = old"]);
  await assert.rejects(staged.write(1, 2, new Uint8Array(1)), fails("cancelled"));
  await assert.rejects(staged.publish(), fails("cancelled"));
});

Deno.test("publishing too early, or bytes outside of a file, are detected as defects", async () => {
  const staged = await openStaged(new MemoryDisk());
  await assert.rejects(staged.publish(), fails("internal"));
  await staged.plan([{ name: "a", sizeBytes: 3, hash: ROOT_HASH }]);
  await assert.rejects(staged.write(1, 0, new Uint8Array(1)), fails("internal"));
  await assert.rejects(staged.write(0, 1, new Uint8Array(3)), fails("internal"));
  await staged.write(0, 0, new Uint8Array(2));
  await assert.rejects(staged.publish(), fails("internal"));
  await staged.finish(0);
  await assert.rejects(staged.publish(), fails("internal"));
  await staged.abandon();
});

Deno.test("a full volume is reported, in the middle of a file and at the end of a small one", async () => {
  for (const sizeBytes of [3_000_000, 1000]) {
    const disk = new MemoryDisk({ capacityBytes: 900 });
    const staged = await openStaged(disk);
    await staged.plan([{ name: "a", sizeBytes, hash: ROOT_HASH }]);
    await assert.rejects(async () => {
      for (let offset = 0; offset < sizeBytes; offset += 1000) {
        await staged.write(0, offset, new Uint8Array(1000));
      }
      await staged.finish(0);
      await staged.publish();
    }, fails("disk_full"));
    await staged.abandon();
    assert.deepEqual(published(disk, "/in"), []);
  }
});

Deno.test("a comparison can be cancelled", async () => {
  const disk = new MemoryDisk();
  disk.writeFile("/in/a", "A");
  disk.writeFile("/in/b", "B");
  const controller = new AbortController();
  const staged = await openStaged(disk, controller.signal, () => {
    controller.abort();
    throw new PliError("cancelled", {});
  });
  const files = ["a", "b"].map((name) => ({ name, sizeBytes: 1, hash: ROOT_HASH }));
  await assert.rejects(staged.plan(files), fails("cancelled"));
  await staged.abandon();
  await assert.rejects(openStaged(disk, controller.signal), fails("cancelled"));
  assert.deepEqual(disk.tree("/in"), ["a = A", "b = B"]);
});

Deno.test("E.9 a file that is too large for the volume is refused before its first byte", async () => {
  const disk = new MemoryDisk({ capacityBytes: 1e9, largestFileBytes: 3 });
  disk.makeFolders("/in");
  await assert.rejects(receiveStaged(disk, { "t/fits": "abc", "t/large": "abcd" }), (error) => {
    return isPliError(error, "disk_file_too_large") && slashed(error.parameters.path) === "/in/t/large";
  });
  assert.deepEqual(disk.tree("/in"), []);
  await receiveStaged(disk, { "t/fits": "abc" });
  assert.deepEqual(disk.tree("/in"), ["t/", "t/fits = abc"]);
});
