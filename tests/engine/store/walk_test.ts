import assert from "node:assert/strict";
import { isPliError, PliError } from "../../../src/engine/errors.ts";
import type { Disk } from "../../../src/engine/ports.ts";
import { walk, type WalkOptions } from "../../../src/engine/store/walk.ts";
import { hookedDisk } from "../../fakes/hooked_disk.ts";
import { MemoryDisk } from "../../fakes/memory_disk.ts";
import { needing, NOT_LINUX, NOT_UNIX } from "../../left_out.ts";
import { realDisk } from "../../system_ports.ts";
import { slashed } from "../../fakes/slashes.ts";

/** The found files of a walk, as `name <- path`, and the skipped ones, as `name: reason`. */
async function walked(disk: Disk, paths: string[], options: Partial<WalkOptions> = {}) {
  const skipped: string[] = [];
  const onSkip: WalkOptions["onSkip"] = ({ name, reason }) => void skipped.push(`${name}: ${reason}`);
  const files = await walk(disk, paths, { onSkip, ...options });
  return { files: files.map(({ name, path }) => `${name} <- ${slashed(path)}`), skipped: skipped.sort() };
}

Deno.test("files are named below the last part of the given path, sorted by code units, with their status", async () => {
  const disk = new MemoryDisk();
  for (const name of ["b/z", "b/a/1", "b-", "b/Z", "b/é"]) disk.writeFile(`/home/trip/${name}`, name);
  const files = await walk(disk, ["/home/trip"], { onSkip: ({ name }) => assert.fail(name) });
  assert.deepEqual(
    files.map(({ name }) => name),
    ["trip/b-", "trip/b/Z", "trip/b/a/1", "trip/b/z", "trip/b/é"],
  );
  const status = await disk.status("/home/trip/b-");
  assert(status !== null);
  const { sizeBytes, modifiedMs, changedMs, inode, device } = status;
  assert.deepEqual({ ...files[0], path: slashed(files[0].path) }, {
    name: "trip/b-",
    path: "/home/trip/b-",
    sizeBytes,
    modifiedMs,
    changedMs,
    inode,
    device,
  });
});

Deno.test("a given path is resolved: dots, symlinks and the root", async () => {
  const disk = new MemoryDisk();
  disk.writeFile("/data/2024/a", "");
  disk.symlink("/data/2024", "/latest");
  disk.symlink("/data/2024/a", "/data/file");
  assert.deepEqual((await walked(disk, ["/data/2024/."])).files, ["2024/a <- /data/2024/a"]);
  assert.deepEqual((await walked(disk, ["/data/2024/.."])).files, [
    "data/2024/a <- /data/2024/a",
    "data/file <- /data/2024/a",
  ]);
  // A symlink keeps its own name.
  assert.deepEqual((await walked(disk, ["/latest"])).files, ["latest/a <- /data/2024/a"]);
  assert.deepEqual((await walked(disk, ["/latest/."])).files, ["2024/a <- /data/2024/a"]);
  assert.deepEqual((await walked(disk, ["/data/file"])).files, ["file <- /data/2024/a"]);
  const everything = await walked(disk, ["/"]);
  assert.deepEqual(everything.files, ["root/data/2024/a <- /data/2024/a", "root/data/file <- /data/2024/a"]);
  assert.deepEqual(everything.skipped, ["root/latest: symlink_to_folder"]);
});

Deno.test("a path that does not exist is missing, and the other given ones are examined", async () => {
  const disk = new MemoryDisk();
  disk.writeFile("/a", "");
  disk.writeFile("/folder/b", "");
  const calls: string[] = [];
  const files = await walk(disk, ["/missing", "/a/below", "/a", "/folder"], {
    onSkip: ({ path, fault }) => calls.push(`${path} ${isPliError(fault) && fault.code}`),
    onGivenExamined: () => void calls.push("examined"),
  });
  assert.deepEqual(calls, ["/missing path_missing", "/a/below path_missing", "examined"]);
  assert.deepEqual(files.map(({ name }) => name), ["a", "folder/b"]);
  calls.length = 0;
  await walk(disk, ["/missing"], { onSkip: () => {}, onGivenExamined: () => void calls.push("examined") });
  assert.deepEqual(calls, ["examined"]);
});

Deno.test(
  needing("E.2 a given path that cannot be sent is an error with the path as given", NOT_UNIX),
  async () => {
    const disk = new MemoryDisk();
    for (const name of ["fine", "closed", "back\\slash", "locked/a"]) disk.writeFile(`/d/${name}`, name);
    disk.symlink("/d/nowhere", "/d/dangling");
    disk.symlink("/d/fifo", "/d/to a fifo");
    disk.symlink("/d/round", "/d/round");
    disk.special("/d/fifo");
    disk.makeFolders("/d/empty");
    const denied = new Set(["open /d/closed", "list /d/locked"]);
    const hooked = hookedDisk(disk, (operation, path) => {
      if (denied.has(`${operation} ${path}`)) throw new PliError("disk_denied", { path: String(path) });
    });
    const paths = [
      "/d/fine",
      "/d/closed",
      "/d/back\\slash",
      "/d/locked",
      "/d/dangling",
      "/d/round",
      "/d/fifo",
      "/d/to a fifo",
      "/d/empty",
      "/d/bad\ufffd",
    ];
    const reported: unknown[] = [];
    const files = await walk(hooked, paths, {
      onSkip: ({ path, name, reason, fault }) =>
        void reported.push([slashed(path), name, reason, fault?.code]),
    });
    assert.deepEqual(files.map(({ name }) => name), ["fine"]);
    assert.deepEqual(
      reported.map(String).sort(),
      [
        ["/d/closed", "closed", "unreadable", "disk_denied"],
        ["/d/back\\slash", "back\\slash", "name_not_portable", undefined],
        ["/d/locked", "locked", "unreadable", "disk_denied"],
        ["/d/dangling", "dangling", "symlink_broken", undefined],
        ["/d/round", "round", "symlink_broken", undefined],
        ["/d/fifo", "fifo", "special_file", undefined],
        ["/d/to a fifo", "to a fifo", "special_file", undefined],
        ["/d/empty", "empty", "empty_folder", undefined],
        ["/d/bad\ufffd", "bad\ufffd", "name_not_unicode", undefined],
      ].map(String).sort(),
    );
  },
);

Deno.test("E.11 a name that is not UTF-8 is left out as such, also beside one that is listed equally", async () => {
  const disk = new MemoryDisk();
  disk.writeFile("/d/\ufffd", "this is its name");
  disk.writeFile("/d/a", "");
  const hooked = hookedDisk(disk, () => {});
  // Two files with invalid names, one of which is listed like the file with the replacement character in its name.
  hooked.list = async (path) => [...await disk.list(path), "\ufffd", "x\ufffd"];
  assert.deepEqual(await walked(hooked, ["/d"]), {
    files: ["d/a <- /d/a", "d/\ufffd <- /d/\ufffd"],
    skipped: ["d/x\ufffd: name_not_unicode", "d/\ufffd: name_not_unicode"],
  });
});

Deno.test("A.4 a path that is given twice is sent once, other paths with the same last part are numbered", async () => {
  const disk = new MemoryDisk();
  for (const path of ["/a/x.txt", "/b/x.txt", "/c/x.txt", "/d/x (2).txt", "/a/folder.d/1", "/b/folder.d/1"]) {
    disk.writeFile(path, "");
  }
  disk.symlink("/a/x.txt", "/again");
  const paths = [
    "/a/x.txt",
    "/b/x.txt",
    "/again",
    "/c/x.txt",
    "/a/x.txt",
    "/d/x (2).txt",
    "/a/folder.d",
    "/b/folder.d",
  ];
  assert.deepEqual((await walked(disk, paths)).files, [
    "again <- /a/x.txt",
    "folder.d (2)/1 <- /b/folder.d/1",
    "folder.d/1 <- /a/folder.d/1",
    "x (2).txt <- /d/x (2).txt",
    "x (3).txt <- /b/x.txt",
    "x (4).txt <- /c/x.txt",
    "x.txt <- /a/x.txt",
  ]);
});

Deno.test("A.9 symlinks to files inside are sent as files, and never followed elsewhere", async () => {
  const disk = new MemoryDisk();
  disk.writeFile("/home/dir/real/a", "a");
  disk.writeFile("/home/dir-not/secret", "secret");
  disk.symlink("real/a", "/home/dir/inside");
  disk.symlink("/home/dir/inside", "/home/dir/twice");
  disk.symlink("real", "/home/dir/folder");
  disk.symlink(".", "/home/dir/real/loop");
  disk.symlink("/home/dir-not/secret", "/home/dir/outside");
  disk.symlink("../dir-not/secret", "/home/dir/up");
  disk.symlink("missing", "/home/dir/dangling");
  assert.deepEqual(await walked(disk, ["/home/dir"]), {
    files: [
      "dir/inside <- /home/dir/real/a",
      "dir/real/a <- /home/dir/real/a",
      "dir/twice <- /home/dir/real/a",
    ],
    skipped: [
      "dir/dangling: symlink_broken",
      "dir/folder: symlink_to_folder",
      "dir/outside: symlink",
      "dir/real/loop: symlink_to_folder",
      "dir/up: symlink",
    ],
  });
});

Deno.test(needing("A.9 files that cannot be sent are skipped and reported", NOT_UNIX), async () => {
  const disk = new MemoryDisk();
  disk.writeFile("/d/fine", "");
  disk.writeFile("/d/back\\slash", "");
  disk.writeFile("/d/back\\folder/a", "");
  const deep = `/${"x".repeat(250)}`.repeat(15);
  disk.writeFile(`/d${deep}/${"x".repeat(250)}/ok`, "");
  disk.writeFile(`/d${deep}/${"y".repeat(250)}/${"y".repeat(250)}/long`, "");
  disk.writeFile(`/d/z${"/z".repeat(253)}/ok`, "");
  disk.writeFile(`/d/z${"/z".repeat(254)}/deep`, "");
  disk.makeFolders("/d/empty");
  disk.special("/d/fifo");
  disk.writeFile("/d/closed/a", "");
  disk.writeFile("/d/vanishing", "");
  const hooked = hookedDisk(disk, async (operation, path) => {
    if (operation === "list" && path === "/d/closed") throw new PliError("disk_denied", { path });
    if (operation === "status" && path === "/d/vanishing") await disk.remove(path);
  });
  const { files, skipped } = await walked(hooked, ["/d"]);
  assert.deepEqual(files.map((file) => file.slice(0, 8)), ["d/fine <", "d/xxxxxx", "d/z/z/z/"]);
  assert.equal(skipped.pop(), `d/z${"/z".repeat(254)}/deep: too_deep`);
  const long = skipped.pop()!;
  assert(long.startsWith(`d${deep}/y`) && long.endsWith("y: name_too_long"));
  assert.deepEqual(skipped, [
    "d/back\\folder: name_not_portable",
    "d/back\\slash: name_not_portable",
    "d/closed: unreadable",
    "d/empty: empty_folder",
    "d/fifo: special_file",
    "d/vanishing: unreadable",
  ]);
});

Deno.test("A.9 an unfinished download of pli is skipped and reported, and nothing similar is", async () => {
  const disk = new MemoryDisk();
  const staging = "/d/sub/.pli-0123456789abcdef";
  for (const name of ["lock", "journal", "files/half"]) disk.writeFile(`${staging}/${name}`, name);
  disk.writeFile("/d/sub/whole", "");
  // Similar names: one digit too many or too few, other digits, no lock, a lock that is a folder, a file.
  for (const name of ["0123456789abcdef0", "0123456789abcde", "0123456789ABCDEF"]) {
    disk.writeFile(`/d/.pli-${name}/lock`, "");
  }
  disk.writeFile("/d/.pli-1111111111111111/a", "");
  disk.writeFile("/d/.pli-2222222222222222/lock/a", "");
  disk.writeFile("/d/.pli-3333333333333333", "");
  const { files, skipped } = await walked(disk, ["/d"]);
  assert.deepEqual(files.map((file) => file.split(" ")[0]), [
    "d/.pli-0123456789ABCDEF/lock",
    "d/.pli-0123456789abcde/lock",
    "d/.pli-0123456789abcdef0/lock",
    "d/.pli-1111111111111111/a",
    "d/.pli-2222222222222222/lock/a",
    "d/.pli-3333333333333333",
    "d/sub/whole",
  ]);
  assert.deepEqual(skipped, ["d/sub/.pli-0123456789abcdef: unfinished_download"]);
  // A given staging folder is sent.
  assert.equal((await walked(disk, [staging])).files.length, 3);
});

Deno.test("of thousands of entries an error of one affects no other, and skipped ones are reported in order", async () => {
  const disk = new MemoryDisk();
  const names = Array.from({ length: 1000 }, (_, at) => String(at).padStart(3, "0"));
  for (const name of names) disk.writeFile(`/d/${name}`, name);
  for (const at of [10, 300, 990]) disk.special(`/d/fifo ${at}`);
  const closed = new Set(["/d/005", "/d/255", "/d/256", "/d/999"]);
  const hooked = hookedDisk(disk, (operation, path) => {
    if (operation === "status" && closed.has(String(path))) {
      throw new PliError("disk_denied", { path: String(path) });
    }
  });
  const skipped: string[] = [];
  const files = await walk(hooked, ["/d"], {
    onSkip: ({ name, reason }) => void skipped.push(`${name}: ${reason}`),
  });
  assert.deepEqual(
    files.map(({ name }) => name),
    names.filter((name) => !closed.has(`/d/${name}`)).map((name) => `d/${name}`),
  );
  assert(files.every(({ path, sizeBytes }) => slashed(path).startsWith("/d/") && sizeBytes === 3));
  assert.deepEqual(skipped, [
    ...["005", "255", "256", "999"].map((name) => `d/${name}: unreadable`),
    ...[10, 300, 990].map((at) => `d/fifo ${at}: special_file`),
  ]);
});

Deno.test("an error that is not about one file ends the walk", async () => {
  const disk = new MemoryDisk();
  disk.writeFile("/d/a", "");
  const failing = hookedDisk(disk, (operation, path) => {
    if (operation === "status" && path === "/d/a") throw new PliError("internal", { what: "test" });
  });
  await assert.rejects(walked(failing, ["/d"]), (error) => isPliError(error, "internal"));
});

Deno.test("excluded files and folders are skipped and reported", async () => {
  const disk = new MemoryDisk();
  for (const name of ["a.log", "a.txt", "node_modules/x", "sub/b.log"]) disk.writeFile(`/d/${name}`, "");
  const exclude = (name: string) => name.endsWith(".log") || name.endsWith("/node_modules");
  assert.deepEqual(await walked(disk, ["/d"], { exclude }), {
    files: ["d/a.txt <- /d/a.txt"],
    skipped: ["d/a.log: excluded", "d/node_modules: excluded", "d/sub/b.log: excluded"],
  });
});

Deno.test("links to excluded files, or into excluded folders, are excluded", async () => {
  const disk = new MemoryDisk();
  for (const name of ["secret.key", "private/deep/key", "fine"]) disk.writeFile(`/d/${name}`, "");
  disk.symlink("secret.key", "/d/public");
  disk.symlink("public", "/d/twice");
  disk.symlink("../private/deep/key", "/d/sub/key of a folder");
  disk.symlink("fine", "/d/link");
  const exclude = (name: string) => /(^|\/)(secret\.key|private)$/.test(name);
  assert.deepEqual(await walked(disk, ["/d"], { exclude }), {
    files: ["d/fine <- /d/fine", "d/link <- /d/fine"],
    skipped: [
      "d/private: excluded",
      "d/public: excluded",
      "d/secret.key: excluded",
      "d/sub/key of a folder: excluded",
      "d/twice: excluded",
    ],
  });
});

Deno.test("given links to what is excluded as another given path are excluded: pli send d/*", async () => {
  const disk = new MemoryDisk();
  for (const name of ["secret.key", "private/key", "fine"]) disk.writeFile(`/d/${name}`, "");
  disk.symlink("secret.key", "/d/public");
  disk.symlink("private", "/d/folder");
  disk.symlink("private/key", "/d/key");
  disk.symlink("fine", "/d/link");
  const exclude = (name: string) => /^(secret\.key|private)$/.test(name);
  const all = ["secret.key", "private", "fine", "public", "folder", "key", "link"].map((name) =>
    `/d/${name}`
  );
  assert.deepEqual(await walked(disk, all, { exclude }), {
    files: ["fine <- /d/fine", "link <- /d/fine"],
    skipped: [
      "folder: excluded",
      "key: excluded",
      "private: excluded",
      "public: excluded",
      "secret.key: excluded",
    ],
  });
  // A path that is given itself is sent, although it is in an excluded folder.
  assert.deepEqual((await walked(disk, ["/d/private", "/d/private/key"], { exclude })).files, [
    "key <- /d/private/key",
  ]);
});

Deno.test("a walk can be cancelled", async () => {
  const disk = new MemoryDisk();
  disk.writeFile("/d/a", "");
  await assert.rejects(
    walked(disk, ["/d"], { signal: AbortSignal.abort() }),
    (error) => isPliError(error, "cancelled"),
  );
});

Deno.test(
  needing("A.9 a real tree with a FIFO, a closed folder and odd names is walked", NOT_LINUX),
  async () => {
    const root = await Deno.realPath(await Deno.makeTempDir({ prefix: "pli-walk-" }));
    try {
      await Deno.mkdir(`${root}/sub`);
      await Deno.writeTextFile(`${root}/sub/a`, "a");
      // Deno cannot create a name that is not UTF-8.
      const script = `mkfifo "$0/fifo"; : > "$0/$(printf 'bad\\377')"; : > "$0/new
line"`;
      await new Deno.Command("sh", { args: ["-c", script, root] }).output();
      const { files, skipped } = await walked(realDisk, [root]);
      const name = root.slice(root.lastIndexOf("/") + 1);
      assert.deepEqual(files, [`${name}/new\nline <- ${root}/new\nline`, `${name}/sub/a <- ${root}/sub/a`]);
      assert.deepEqual(skipped, [`${name}/bad\ufffd: name_not_unicode`, `${name}/fifo: special_file`]);
    } finally {
      await Deno.remove(root, { recursive: true });
    }
  },
);
