// The contract of Disk, as cases that run on the real one in a temporary folder, on Deno and on Node.js, and on the one
// in memory, which is therefore a valid substitute in other tests. The cases depend on no runtime.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import * as fs from "node:fs/promises";
import { tmpdir } from "node:os";
import { promisify } from "node:util";
import { isPliError } from "../../../src/engine/errors.ts";
import type { Disk, DiskFile } from "../../../src/engine/ports.ts";
import { MemoryDisk } from "../../fakes/memory_disk.ts";
import { slashed } from "../../fakes/slashes.ts";

const run = promisify(execFile);

interface Subject {
  disk: Disk;
  /** An empty folder. */
  root: string;
  symlink(target: string, path: string): Promise<void>;
  /** Creates a special file. */
  special(path: string): Promise<void>;
  /** Sets the time of modification of a file. */
  setModified(path: string, timeMs: number): Promise<void>;
}

/** One case of the contract. */
export interface DiskCase {
  sentence: string;
  /** The systems on whose real disks it runs. `unix`: it needs symlinks, special files or owners. */
  system: "every" | "unix" | "linux";
  test: (subject: Subject) => Promise<void>;
}

export const CASES: DiskCase[] = [];

/** Runs a case on a real disk, in a temporary folder. */
export async function withRealDisk(disk: Disk, { test }: DiskCase): Promise<void> {
  const root = await fs.realpath(await fs.mkdtemp(`${tmpdir()}/pli-disk-`));
  try {
    await test({
      disk,
      root,
      symlink: (target, path) => fs.symlink(target, path),
      special: async (path) => void await run("mkfifo", [path]),
      setModified: (path, timeMs) => fs.utimes(path, timeMs / 1000, timeMs / 1000),
    });
  } finally {
    // Unlike `rm` it exists on every system.
    await fs.rm(root, { recursive: true, force: true });
  }
}

/** Runs a case on the disk in memory. */
export async function withMemoryDisk({ test }: DiskCase): Promise<void> {
  const disk = new MemoryDisk();
  disk.makeFolders("/root");
  await test({
    disk,
    root: "/root",
    symlink: (target, path) => Promise.resolve(disk.symlink(target, path)),
    special: (path) => Promise.resolve(disk.special(path)),
    setModified: () => Promise.resolve(),
  });
}

function contract(sentence: string, test: DiskCase["test"]): void {
  CASES.push({ sentence, test, system: "every" });
}

function contractOfUnix(sentence: string, test: DiskCase["test"]): void {
  CASES.push({ sentence, test, system: "unix" });
}

async function write(disk: Disk, path: string, text: string): Promise<void> {
  const file = await disk.open(path, "create");
  assert(file !== null);
  await file.writeAt(new TextEncoder().encode(text), 0);
  await file.sync();
  await file.close();
}

async function read(disk: Disk, path: string): Promise<string | null> {
  const file = await disk.open(path, "read");
  if (file === null) return null;
  const buffer = new Uint8Array((await file.status()).sizeBytes + 10);
  const length = await file.readAt(buffer, 0);
  await file.close();
  return new TextDecoder().decode(buffer.subarray(0, length));
}

contract("writes and reads at positions, in any order and at the same time", async ({ disk, root }) => {
  const file: DiskFile | null = await disk.open(`${root}/a`, "create");
  assert(file !== null);
  const block = (value: number): Uint8Array => new Uint8Array(1000).fill(value);
  await Promise.all([3, 1, 0, 2].map((at) => file.writeAt(block(at + 1), at * 1000)));
  assert.equal((await file.status()).sizeBytes, 4000);
  await Promise.all([2, 0, 3, 1].map(async (at) => {
    const buffer = new Uint8Array(1000);
    assert.equal(await file.readAt(buffer, at * 1000), 1000);
    assert.deepEqual(buffer, block(at + 1));
  }));
  assert.equal(await file.readAt(new Uint8Array(1000), 3500), 500);
  assert.equal(await file.readAt(new Uint8Array(10), 5000), 0);
  assert.equal(await file.readAt(new Uint8Array(0), 0), 0);
  await file.sync();
  await file.close();
});

contractOfUnix("creates a file only under a free name", async ({ disk, root, symlink, special }) => {
  await write(disk, `${root}/file`, "first");
  await disk.makeFolder(`${root}/folder`);
  await symlink(`${root}/missing`, `${root}/dangling`);
  await special(`${root}/special`);
  for (const name of ["file", "folder", "dangling", "special"]) {
    assert.equal(await disk.open(`${root}/${name}`, "create"), null, name);
  }
  assert.equal(await disk.status(`${root}/missing`), null);
  assert.equal(await read(disk, `${root}/file`), "first");
});

contractOfUnix("opens regular files only, follows no symlink and waits for no FIFO", async (subject) => {
  const { disk, root, symlink, special } = subject;
  await write(disk, `${root}/file`, "text");
  await disk.makeFolder(`${root}/folder`);
  await symlink(`${root}/file`, `${root}/symlink`);
  await special(`${root}/special`);
  for (const mode of ["read", "update"] as const) {
    for (const name of ["folder", "symlink", "special", "missing", "missing/below", "file/below"]) {
      assert.equal(await disk.open(`${root}/${name}`, mode), null, `${mode} ${name}`);
    }
  }
});

contract("updates an existing file without truncating it", async ({ disk, root }) => {
  await write(disk, `${root}/a`, "abcdef");
  const file = await disk.open(`${root}/a`, "update");
  assert(file !== null);
  await file.writeAt(new TextEncoder().encode("XY"), 2);
  await file.close();
  assert.equal(await read(disk, `${root}/a`), "abXYef");
});

contractOfUnix(
  "returns the status of a name without following it",
  async ({ disk, root, symlink, special }) => {
    await write(disk, `${root}/file`, "1234");
    await disk.makeFolder(`${root}/folder`);
    await symlink(`${root}/file`, `${root}/symlink`);
    await special(`${root}/special`);
    const kind = async (name: string) => (await disk.status(`${root}/${name}`))?.kind ?? null;
    assert.equal(await kind("file"), "file");
    assert.equal(await kind("folder"), "folder");
    assert.equal(await kind("symlink"), "symlink");
    assert.equal(await kind("special"), "other");
    assert.equal(await kind("missing"), null);
    assert.equal(await kind("file/below"), null);
    assert.deepEqual((await disk.list(root)).sort(), ["file", "folder", "special", "symlink"]);
  },
);

contractOfUnix("returns for many names the status of each", async ({ disk, root, symlink, special }) => {
  await write(disk, `${root}/file`, "1234");
  await disk.makeFolder(`${root}/folder`);
  await symlink(`${root}/file`, `${root}/symlink`);
  await special(`${root}/special`);
  const paths = ["file", "missing", "folder", "symlink", "file/below", "special", "file"].map((name) =>
    `${root}/${name}`
  );
  assert.deepEqual(await disk.statuses(paths), await Promise.all(paths.map((path) => disk.status(path))));
  assert.deepEqual(await disk.statuses([]), []);
});

contractOfUnix(
  "creates many files, each only under a free name, with all of their bytes",
  async (subject) => {
    const { disk, root, symlink, special } = subject;
    await write(disk, `${root}/file`, "first");
    await disk.makeFolder(`${root}/folder`);
    await symlink(`${root}/missing`, `${root}/dangling`);
    await symlink(`${root}/file`, `${root}/symlink`);
    await special(`${root}/special`);
    const taken = ["file", "folder", "dangling", "symlink", "special"];
    const names = ["a", ...taken, "folder/b", "empty", "a"];
    const created = await disk.createFiles(names.map((name) => ({
      path: `${root}/${name}`,
      bytes: new TextEncoder().encode(name === "empty" ? "" : `new ${name}`),
    })));
    assert.deepEqual(names.filter((_, at) => created[at] === null), [...taken, "a"]);
    for (const [name, text] of [["a", "new a"], ["folder/b", "new folder/b"], ["empty", ""]]) {
      assert.equal(await read(disk, `${root}/${name}`), text);
      assert.deepEqual(created[names.indexOf(name)], await disk.status(`${root}/${name}`));
    }
    assert.equal(await read(disk, `${root}/file`), "first");
    assert.equal(await disk.status(`${root}/missing`), null);
  },
);

contractOfUnix(
  "reads small regular files whole, following nothing",
  async ({ disk, root, symlink, special }) => {
    await write(disk, `${root}/file`, "content");
    await write(disk, `${root}/empty`, "");
    await disk.makeFolder(`${root}/folder`);
    await symlink("file", `${root}/link`);
    await special(`${root}/pipe`);
    const names = ["file", "folder", "link", "pipe", "missing", "file/below", "empty"];
    const [file, ...others] = await disk.readFiles(names.map((name) => `${root}/${name}`), 7);
    const empty = others.pop();
    for (const [name, text, outcome] of [["file", "content", file], ["empty", "", empty]] as const) {
      assert.ok(outcome && !isPliError(outcome));
      assert.deepEqual(outcome.bytes, new TextEncoder().encode(text));
      assert.deepEqual(outcome.status, await disk.status(`${root}/${name}`));
    }
    assert.deepEqual(others, [null, null, null, null, null]);
    const [large] = await disk.readFiles([`${root}/file`], 6);
    assert.ok(large && !isPliError(large));
    assert.equal(large.bytes, null);
    assert.equal(large.status.sizeBytes, 7);
  },
);

contractOfUnix("creates many folders, each only under a free name", async ({ disk, root, symlink }) => {
  await write(disk, `${root}/file`, "");
  await disk.makeFolder(`${root}/folder`);
  await symlink(`${root}/folder`, `${root}/symlink`);
  const names = ["a", "file", "folder", "symlink", "a/b", "a"];
  const created = await disk.createFolders(names.map((name) => `${root}/${name}`));
  assert.deepEqual(names.filter((_, at) => created[at] === null), ["file", "folder", "symlink", "a"]);
  for (const name of ["a", "a/b"]) assert.equal((await disk.status(`${root}/${name}`))?.kind, "folder");
  assert.deepEqual(created[4], await disk.status(`${root}/a/b`));
});

contract("after an error creates nothing more, and reports what it had created", async ({ disk, root }) => {
  const names = ["a", "missing/b", "c"];
  const files = names.map((name) => ({ path: `${root}/${name}`, bytes: new Uint8Array(3) }));
  const created = await disk.createFiles(files);
  assert.deepEqual(created[0], await disk.status(`${root}/a`));
  assert(isPliError(created[1], "disk_failed"));
  assert.equal(created[2], created[1]);
  const folders = await disk.createFolders(["d", "missing/e", "f"].map((name) => `${root}/${name}`));
  assert(isPliError(folders[1], "disk_failed"));
  assert.equal(folders[2], folders[1]);
  assert.deepEqual((await disk.list(root)).sort(), ["a", "d"]);
});

contract("gives the same status by name and by open file", async ({ disk, root, setModified }) => {
  await write(disk, `${root}/a`, "text");
  // Times with fractions of milliseconds, also before 1970: both ways have to round them equally.
  for (const modifiedS of [1_700_000_000.123456, 1.0009999, -1.0009999]) {
    await setModified(`${root}/a`, modifiedS * 1000);
    const file = await disk.open(`${root}/a`, "read");
    assert(file !== null);
    assert.deepEqual(file.opened, await disk.status(`${root}/a`));
    assert.deepEqual(await file.status(), file.opened);
    await file.close();
  }
  const made = await disk.open(`${root}/new`, "create");
  assert.equal(made?.opened, null);
  await made?.close();
});

contractOfUnix("resolves symlinks to the real path", async ({ disk, root, symlink }) => {
  await disk.makeFolder(`${root}/folder`);
  await write(disk, `${root}/folder/file`, "");
  await symlink("folder", `${root}/relative`);
  await symlink(`${root}/relative/file`, `${root}/absolute`);
  await symlink("loop", `${root}/loop`);
  const real = async (path: string) => slashed(await disk.realPath(path) ?? "");
  assert.equal(await real(`${root}/absolute`), `${root}/folder/file`);
  assert.equal(await real(`${root}/relative/../folder/.`), `${root}/folder`);
  assert.equal(await disk.realPath(`${root}/missing`), null);
  assert.equal(await disk.realPath(`${root}/folder/file/below`), null);
  assert.equal(await disk.realPath(`${root}/loop`), null);
});

contract("makes a folder once, and none below a missing one", async ({ disk, root }) => {
  assert.equal(await disk.makeFolder(`${root}/a`), true);
  assert.equal(await disk.makeFolder(`${root}/a`), false);
  assert.equal(await disk.makeFolder(`${root}/private`, true), true);
  await assert.rejects(disk.makeFolder(`${root}/b/c`), (error) => isPliError(error, "disk_failed"));
  await assert.rejects(disk.open(`${root}/b/c`, "create"), (error) => isPliError(error, "disk_failed"));
  await assert.rejects(disk.list(`${root}/b`), (error) => isPliError(error, "disk_failed"));
});

contractOfUnix("links a file to a free name only", async ({ disk, root, symlink }) => {
  await write(disk, `${root}/a`, "a");
  await write(disk, `${root}/b`, "b");
  await symlink(`${root}/missing`, `${root}/dangling`);
  assert.equal(await disk.link(`${root}/a`, `${root}/b`), false);
  assert.equal(await disk.link(`${root}/a`, `${root}/dangling`), false);
  assert.equal(await disk.link(`${root}/a`, `${root}/c`), true);
  const [a, c] = [await disk.status(`${root}/a`), await disk.status(`${root}/c`)];
  assert.deepEqual([a?.inode, a?.device, a?.links], [c?.inode, c?.device, 2]);
  assert.equal(await read(disk, `${root}/b`), "b");
  await disk.remove(`${root}/a`);
  assert.equal(await read(disk, `${root}/c`), "a");
  await assert.rejects(
    disk.link(`${root}/missing`, `${root}/d`),
    (error) => isPliError(error, "disk_failed"),
  );
});

contractOfUnix("renames over files and symlinks", async (subject) => {
  const { disk, root, symlink } = subject;
  await write(disk, `${root}/a`, "a");
  await write(disk, `${root}/b`, "b");
  assert.equal(await disk.rename(`${root}/a`, `${root}/b`), true);
  assert.equal(await read(disk, `${root}/b`), "a");
  assert.equal(await disk.status(`${root}/a`), null);

  await write(disk, `${root}/outside`, "outside");
  await symlink(`${root}/outside`, `${root}/symlink`);
  assert.equal(await disk.rename(`${root}/b`, `${root}/symlink`), true);
  assert.equal(await read(disk, `${root}/symlink`), "a");
  assert.equal(await read(disk, `${root}/outside`), "outside");
});

contract("renames a folder over no file, and over no folder that is not empty", async ({ disk, root }) => {
  await write(disk, `${root}/taken`, "taken");
  await disk.makeFolder(`${root}/new`);
  await write(disk, `${root}/new/file`, "");
  await disk.makeFolder(`${root}/full`);
  await write(disk, `${root}/full/file`, "");
  assert.equal(await disk.rename(`${root}/new`, `${root}/full`), false);
  assert.equal(await disk.rename(`${root}/new`, `${root}/taken`), false);
  assert.equal(await disk.rename(`${root}/taken`, `${root}/new`), false);
  assert.equal(await disk.rename(`${root}/new`, `${root}/moved`), true);
  assert.deepEqual(await disk.list(`${root}/moved`), ["file"]);
  assert.equal(await read(disk, `${root}/taken`), "taken");
  await assert.rejects(
    disk.rename(`${root}/missing`, `${root}/nowhere`),
    (error) => isPliError(error, "disk_failed"),
  );
});

contractOfUnix(
  "removes files, empty folders and trees, and follows no symlink",
  async ({ disk, root, symlink }) => {
    await disk.makeFolder(`${root}/kept`);
    await write(disk, `${root}/kept/file`, "kept");
    await disk.makeFolder(`${root}/a`);
    await disk.makeFolder(`${root}/a/b`);
    await write(disk, `${root}/a/b/file`, "");
    await symlink(`${root}/kept`, `${root}/a/symlink`);
    await assert.rejects(disk.remove(`${root}/a`), (error) => isPliError(error, "disk_failed"));
    await disk.removeTree(`${root}/a`);
    assert.deepEqual(await disk.list(root), ["kept"]);
    assert.equal(await read(disk, `${root}/kept/file`), "kept");
    await symlink(`${root}/kept`, `${root}/symlink`);
    await disk.removeTree(`${root}/symlink`);
    assert.equal(await read(disk, `${root}/kept/file`), "kept");
    await disk.remove(`${root}/kept/file`);
    await disk.remove(`${root}/kept`);
    await disk.remove(`${root}/kept`);
    await disk.removeTree(`${root}/kept`);
    assert.deepEqual(await disk.list(root), []);
  },
);

contract("flushes folders", async ({ disk, root }) => {
  await disk.syncFolder(root);
});

contract("flushes a whole volume where that can be done", async ({ disk, root }) => {
  const isFlushed = await disk.syncVolume(root);
  assert.equal(typeof isFlushed, "boolean");
  if (isFlushed) await assert.rejects(disk.syncVolume(`${root}/missing`), isPliError);
});

contract("returns the free space of a volume, or null", async ({ disk, root }) => {
  const room = await disk.room(root);
  if (room === null) return;
  assert(room.freeBytes > 0, `${room.freeBytes}`);
  assert(room.freeInodes === null || room.freeInodes > 0, `${room.freeInodes}`);
  assert(room.blockBytes === 0 || room.blockBytes >= 512, `${room.blockBytes}`);
});

contract("locks a file for one holder at a time", async ({ disk, root }) => {
  const lock = await disk.lock(`${root}/lock`);
  assert(lock !== null);
  assert.equal(await disk.lock(`${root}/lock`), null);
  lock.release();
  const again = await disk.lock(`${root}/lock`);
  assert(again !== null);
  again.release();
});

// On Windows the name of an open file may stay until it is closed.
contractOfUnix(
  "a removed lock file locks nothing: the next one of that name is another file",
  async (subject) => {
    const { disk, root } = subject;
    const again = await disk.lock(`${root}/lock`);
    assert(again !== null);
    await disk.remove(`${root}/lock`);
    const other = await disk.lock(`${root}/lock`);
    assert(other !== null);
    again.release();
    assert.equal(await disk.lock(`${root}/lock`), null);
    other.release();
  },
);

contractOfUnix("locks nothing through a symlink, and no FIFO", async ({ disk, root, symlink, special }) => {
  await symlink(`${root}/made`, `${root}/symlink`);
  await special(`${root}/special`);
  for (const name of ["symlink", "special"]) {
    await assert.rejects(disk.lock(`${root}/${name}`), (error) => isPliError(error, "disk_failed"));
  }
  assert.equal(await disk.status(`${root}/made`), null);
});

contractOfUnix(
  "returns the owner of a folder and whether others can enter it",
  async ({ disk, root, symlink }) => {
    assert(await disk.makeFolder(`${root}/closed`, true));
    assert(await disk.makeFolder(`${root}/open`));
    await write(disk, `${root}/file`, "");
    await symlink(`${root}/closed`, `${root}/link`);
    const [closed, open] = [
      await disk.folderAccess(`${root}/closed`),
      await disk.folderAccess(`${root}/open`),
    ];
    assert.deepEqual([closed?.isOwn, closed?.isClosed], [true, true]);
    assert.deepEqual([open?.isOwn, open?.isClosed], [true, false]);
    assert.equal(closed?.status.inode, (await disk.status(`${root}/closed`))?.inode);
    for (const name of ["file", "link", "missing"]) {
      assert.equal(await disk.folderAccess(`${root}/${name}`), null, name);
    }
  },
);

contract("links and renames out of a folder that is given by its identity", async ({ disk, root }) => {
  await disk.makeFolder(`${root}/from`);
  const within = (await disk.status(`${root}/from`))!;
  await write(disk, `${root}/from/a`, "A");
  await disk.makeFolder(`${root}/from/folder`);
  assert.equal(await disk.link(`${root}/from/a`, `${root}/a`, within), true);
  assert.equal(await disk.link(`${root}/from/a`, `${root}/a`, within), false, "the name is taken");
  assert.equal(await disk.rename(`${root}/from/folder`, `${root}/folder`, within), true);
  assert.equal(await disk.rename(`${root}/from/a`, `${root}/b`, within), true);
  assert.equal((await disk.status(`${root}/b`))?.kind, "file");
  await assert.rejects(disk.rename(`${root}/from/missing`, `${root}/c`, within), isPliError);
});
contractOfUnix(
  "returns the target of a path, through every symlink",
  async ({ disk, root, symlink, special }) => {
    await write(disk, `${root}/file`, "text");
    await special(`${root}/special`);
    await symlink(`${root}/file`, `${root}/to a file`);
    await symlink(`${root}/to a file`, `${root}/twice`);
    await symlink(`${root}/special`, `${root}/to a special`);
    await symlink(`${root}/missing`, `${root}/nowhere`);
    await symlink(`${root}/round`, `${root}/round`);
    const kinds = async (...names: string[]) => {
      return await Promise.all(
        names.map(async (name) => (await disk.statusBehind(`${root}/${name}`))?.kind ?? null),
      );
    };
    assert.deepEqual(await kinds("file", "to a file", "twice", "to a special"), [
      "file",
      "file",
      "file",
      "other",
    ]);
    assert.deepEqual(await kinds("nowhere", "round", "missing", "file/below"), [null, null, null, null]);
  },
);

CASES.push({
  sentence: "E.11 says of a name that is not UTF-8 that it is not",
  system: "linux",
  async test({ disk, root }) {
    await run("bash", ["-c", `mkdir $'d\\xff' && ln -s $'d\\xff' link`], { cwd: root });
    await assert.rejects(disk.realPath(`${root}/link`), {
      code: "path_not_unicode",
      parameters: { path: `${root}/link` },
    });
    assert.equal((await disk.statusBehind(`${root}/link`))?.kind, "folder");
    assert.deepEqual((await disk.list(root)).sort(), ["d\ufffd", "link"]);
  },
});
