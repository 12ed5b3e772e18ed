// Dropped folders: every file with its path in the tree, for folders of any size.

import assert from "node:assert/strict";
import { type Entry, readEntries, readFiles } from "../../../src/web/ui/drop.ts";

const file = (name: string): Entry => ({
  isDirectory: false,
  name,
  file: (onFile) => onFile(new File(["x"], name)),
});

/** Lists its children in parts of 100, as browsers do. */
function folder(name: string, children: readonly Entry[]): Entry {
  return {
    isDirectory: true,
    name,
    createReader() {
      let from = 0;
      return {
        readEntries(onEntries) {
          onEntries(children.slice(from, from += 100));
        },
      };
    },
  };
}

const names = ({ files }: { files: readonly { name: string }[] }) => files.map(({ name }) => name);

Deno.test("a folder of 1,234 files is listed completely", async () => {
  const many = Array.from({ length: 1_234 }, (_, index) => file(`${index}.txt`));
  const dropped = await readEntries([folder("many", many)]);
  assert.equal(dropped.files.length, 1_234);
  assert.equal(dropped.files[1_233].name, "many/1233.txt");
});

Deno.test("trees are kept, and empty folders counted", async () => {
  const tree = folder("a", [folder("b", [file("c.txt"), folder("empty", [])]), file("d.txt")]);
  const dropped = await readEntries([tree, file("e.txt"), folder("also empty", [])]);
  assert.deepEqual(names(dropped).sort(), ["a/b/c.txt", "a/d.txt", "e.txt"]);
  assert.deepEqual(dropped.skipped, [{
    reason: "empty_folder",
    count: 2,
    names: ["also empty", "a/b/empty"],
  }]);
});

Deno.test("5,000 nested folders do not overflow the stack", async () => {
  let deep: Entry = file("end");
  for (let depth = 0; depth < 5_000; depth++) deep = folder("d", [deep]);
  const { files, skipped: [{ reason, count }] } = await readEntries([deep]);
  // Found, and refused because it is in too many folders.
  assert.deepEqual([files.length, reason, count], [0, "too_deep", 1]);
});

Deno.test("a file in 255 folders is taken, one in 256 is too deep", async () => {
  const nested = (depth: number): Entry => {
    let entry: Entry = file("end");
    for (let at = 0; at < depth; at++) entry = folder("d", [entry]);
    return entry;
  };
  assert.equal((await readEntries([nested(255)])).files.length, 1);
  const { files, skipped: [{ reason }] } = await readEntries([nested(256)]);
  assert.deepEqual([files.length, reason], [0, "too_deep"]);
});

Deno.test("unreadable entries are named, and the others are used", async () => {
  const broken: Entry = { isDirectory: false, name: "broken", file: (_, onError) => onError(new Error()) };
  const locked: Entry = {
    isDirectory: true,
    name: "locked",
    createReader: () => ({ readEntries: (_, onError) => onError(new Error()) }),
  };
  const dropped = await readEntries([folder("a", [broken, file("b")]), locked]);
  assert.deepEqual(names(dropped), ["a/b"]);
  assert.deepEqual(dropped.skipped, [{ reason: "unreadable", count: 2, names: ["a/broken", "locked"] }]);
});

Deno.test("a name that receivers refuse is reported, and the others are used", async () => {
  const long = "ü".repeat(127);
  const names = ["a\\b.txt", "c.txt", "\ud800", `${long}é.txt`, long];
  const dropped = await readEntries([folder("a", names.map(file)), folder("x\\y", [file("z")])]);
  assert.deepEqual(dropped.files.map(({ name }) => name), ["a/c.txt", `a/${long}`]);
  assert.deepEqual(dropped.skipped, [
    { reason: "name_not_portable", count: 3, names: ["a/a\\b.txt", "a/\ud800", "x\\y/z"] },
    { reason: "name_too_long", count: 1, names: [`a/${long}é.txt`] },
  ]);
  assert.deepEqual(readFiles([new File([], "a\\b"), new File([], "c")]).files.map(({ name }) => name), ["c"]);
});

Deno.test("of many unsendable files some are named, and all are counted", () => {
  const { skipped: [{ count, names }] } = readFiles(
    Array.from({ length: 500 }, (_, index) => new File([], `${index}\\${"x".repeat(5_000)}`)),
  );
  assert.deepEqual([count, names.length, names[0].length], [500, 20, 1_000]);
});

Deno.test("files of equal names are numbered before their extensions", () => {
  const given = ["a.txt", "a.txt", "a.txt", ".hidden", ".hidden", "b", "b"].map((name) => new File([], name));
  assert.deepEqual(names(readFiles(given)), [
    "a.txt",
    "a (2).txt",
    "a (3).txt",
    ".hidden",
    ".hidden (2)",
    "b",
    "b (2)",
  ]);
});
