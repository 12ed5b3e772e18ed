// Races with another program in the destination, which creates the names that are published, replaces folders by
// symlinks, and plants entries in the staging folder.

import assert from "node:assert/strict";
import { isPliError, PliError } from "../../../src/engine/errors.ts";
import type { Disk } from "../../../src/engine/ports.ts";
import { hookedDisk } from "../../fakes/hooked_disk.ts";
import { MemoryDisk } from "../../fakes/memory_disk.ts";
import { needing, NOT_UNIX } from "../../left_out.ts";
import {
  openStaged,
  published,
  receiveStaged,
  receiveStagedInto,
  ROOT_HASH,
  STAGING,
} from "./staged_receive.ts";
import { realDisk } from "../../system_ports.ts";

const POLICIES = ["merge", "rename", "skip"] as const;
const INCOMING = {
  "flat.txt": "new 0",
  "old/a": "new 1",
  "old/new/b": "new 2",
  "new/c": "new 3",
  "new/d/e": "new 4",
};

/** Names that publishing may use next. */
const TARGETS = ["flat.txt", "flat (2).txt", "old/a", "old/a (2)", "old/new", "new", "new (2)", "old (2)"];

/** Pseudorandom numbers. */
function generator(seed: number): (below: number) => number {
  let state = seed * 2654435761 + 1;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor(state / 2 ** 32 * below);
  };
}

Deno.test("A.6 100 publish races: files that were created meanwhile are never replaced, and everything arrives", async () => {
  for (let seed = 0; seed < 100; seed++) {
    const random = generator(seed);
    const memory = new MemoryDisk({ links: random(2) === 0 });
    memory.writeFile("/in/old/kept", "kept");
    memory.makeFolders("/elsewhere");
    const planted: string[] = [];
    const plant = (): void => {
      const path = `/in/${TARGETS[random(TARGETS.length)]}`;
      if (memory.has(path)) return;
      if (random(3) === 0) memory.symlink("/elsewhere", path);
      else if (random(2) === 0) memory.writeFile(`${path}/inside`, `planted ${path}`);
      else memory.writeFile(path, `planted ${path}`);
      planted.push(...memory.tree("/in").filter((line) => `/in/${line}`.startsWith(path)));
    };
    // The only race that cannot be avoided is a rename over a claimed name: nothing is planted just before it.
    const disk = hookedDisk(memory, (operation, from) => {
      const isClaimed = operation === "rename" && memory.readFile(String(from)) !== null;
      if (!isClaimed && random(3) === 0) plant();
    });
    const existing = POLICIES[random(POLICIES.length)];
    await receiveStaged(disk, INCOMING, { existing });
    const after = memory.tree("/in");
    for (const line of planted) {
      assert(after.includes(line), `seed ${seed}: ${line} is gone\n${after.join("\n")}`);
    }
    assert(after.includes("old/kept = kept"));
    assert.deepEqual(memory.tree("/elsewhere"), []);
    const arrived = after.filter((line) => line.includes(" = new ")).map((line) => line.split(" = ")[1]);
    const skipped = Object.values(INCOMING).filter((text) => !arrived.includes(text));
    assert.equal(new Set(arrived).size, arrived.length);
    if (existing !== "skip") assert.deepEqual(skipped, [], `seed ${seed}`);
    assert(!after.some((line) => line.startsWith(".pli-")), `seed ${seed}`);
  }
});

Deno.test("A.6 a real race for the same names on a real disk loses no file of either side", async () => {
  for (const links of [true, false]) {
    const folder = await Deno.makeTempDir({ prefix: "pli-race-" });
    const names = Array.from({ length: 100 }, (_, at) => `f${at}`);
    const incoming = Object.fromEntries(names.map((name) => [name, `new ${name}`]));
    const disk: Disk = links ? realDisk : { ...realDisk, link: () => Promise.resolve(null) };
    const made: string[] = [];
    // Starts with the last name, when the first one appears.
    const other = async (): Promise<void> => {
      for (const name of names.toReversed()) {
        try {
          await Deno.writeTextFile(`${folder}/${name}`, `theirs ${name}`, { createNew: true });
          made.push(name);
        } catch (error) {
          if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
        }
      }
    };
    let others: Promise<void> | null = null;
    const racing = hookedDisk(disk, (operation) => {
      if (operation === "link") others ??= other();
    });
    await receiveStagedInto(folder, racing, incoming);
    await others;
    const contents = await Promise.all([...Deno.readDirSync(folder)].map(async ({ name }) => [
      name,
      await Deno.readTextFile(`${folder}/${name}`),
    ]));
    const byName = new Map(contents.map(([name, text]) => [name, text]));
    for (const name of made) assert.equal(byName.get(name), `theirs ${name}`);
    const arrived = contents.filter(([_, text]) => text.startsWith("new ")).map(([_, text]) => text);
    assert.deepEqual(arrived.sort(), Object.values(incoming).sort());
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("A.6 a file that replaces a claimed name is not replaced, on a volume without links", async () => {
  const memory = new MemoryDisk({ links: false });
  memory.makeFolders("/in");
  let asked = 0;
  const disk = hookedDisk(memory, async (operation, path) => {
    if (operation !== "status" || path !== "/in/a" || ++asked !== 2) return;
    await memory.remove("/in/a");
    memory.writeFile("/in/a", "");
  });
  const { names, events } = await receiveStaged(disk, { a: "A" });
  assert.deepEqual(names, ["a (2)"]);
  assert.deepEqual(events, ["a -> a (2)"]);
  assert.deepEqual(memory.tree("/in"), ["a (2) = A", "a = "]);
});

Deno.test("A.6 a claimed name is removed when the file cannot be moved", async () => {
  const memory = new MemoryDisk({ links: false });
  memory.makeFolders("/in");
  const disk = hookedDisk(memory, (operation, _, to) => {
    if (operation === "rename") throw new PliError("disk_failed", { path: String(to) });
  });
  await assert.rejects(receiveStaged(disk, { a: "A" }), (error) => isPliError(error, "disk_failed"));
  assert.deepEqual(published(memory, "/in"), []);
});

Deno.test("an empty folder that was created meanwhile may be replaced, a filled one is merged into", async () => {
  for (const filled of [false, true]) {
    const memory = new MemoryDisk();
    memory.makeFolders("/in");
    const disk = hookedDisk(memory, (operation, _, to) => {
      if (operation !== "rename" || to !== "/in/new") return;
      if (filled) memory.writeFile("/in/new/theirs", "theirs");
      else memory.makeFolders("/in/new");
    });
    const { events } = await receiveStaged(disk, { "new/a": "A", "new/theirs": "ours" });
    assert.deepEqual(memory.tree("/in"), [
      "new/",
      "new/a = A",
      ...filled ? ["new/theirs (2) = ours", "new/theirs = theirs"] : ["new/theirs = ours"],
    ]);
    assert.deepEqual(events, filled ? ["new/theirs -> new/theirs (2)"] : []);
  }
});

Deno.test("A.7 a staging folder replaced by a symlink stops the transfer, and nothing is written elsewhere", async () => {
  for (const swapped of ["trip", "trip/deep"]) {
    const memory = new MemoryDisk();
    memory.makeFolders("/in");
    memory.writeFile("/elsewhere/deep/kept", "kept");
    const before = memory.tree("/elsewhere");
    const path = `/in/${STAGING}/files/${swapped}`;
    const disk = hookedDisk(memory, async (operation, file) => {
      if (operation !== "open" || !String(file).endsWith("/first")) return;
      await memory.removeTree(path);
      memory.symlink("/elsewhere", path);
    });
    const incoming = { "trip/deep/first": "1", "trip/deep/second": "2", "trip/third": "3" };
    await assert.rejects(receiveStaged(disk, incoming), (error) => {
      return isPliError(error, "destination_not_folder") || isPliError(error, "disk_failed");
    });
    assert.deepEqual(memory.tree("/elsewhere"), before);
    assert.deepEqual(published(memory, "/in"), []);
  }
});

Deno.test("A.7 nothing is opened in a replaced staging folder", async () => {
  const memory = new MemoryDisk();
  memory.makeFolders("/in");
  memory.makeFolders("/elsewhere");
  let isSwapped = false;
  const disk = hookedDisk(memory, (operation, path) => {
    assert(!isSwapped || operation !== "open", String(path));
  });
  const staged = await openStaged(disk);
  await staged.plan(["trip/a", "trip/b"].map((name) => ({ name, sizeBytes: 2_000_000, hash: ROOT_HASH })));
  await staged.write(0, 0, new Uint8Array(1_500_000));
  await memory.removeTree(`/in/${STAGING}/files/trip`);
  memory.symlink("/elsewhere", `/in/${STAGING}/files/trip`);
  isSwapped = true;
  await assert.rejects(
    staged.write(1, 0, new Uint8Array(1_500_000)),
    (error) => isPliError(error, "destination_not_folder"),
  );
  await staged.abandon();
});

Deno.test("A.7 a folder that is replaced while one is created below it is not used", async () => {
  const memory = new MemoryDisk();
  memory.makeFolders("/in");
  memory.makeFolders("/elsewhere");
  const path = `/in/${STAGING}/files/trip`;
  const disk = hookedDisk(memory, async (operation, made) => {
    if (operation !== "makeFolder" || made !== `${path}/deep`) return;
    await memory.removeTree(path);
    memory.symlink("/elsewhere", path);
  });
  await assert.rejects(
    receiveStaged(disk, { "trip/deep/a": "A" }),
    (error) => isPliError(error, "destination_not_folder"),
  );
  assert.deepEqual(memory.tree("/elsewhere"), ["deep/"]);
});

Deno.test("A.7 entries that were replaced in the staging folder are not published", async () => {
  for (const isMerged of [false, true]) {
    const memory = new MemoryDisk();
    memory.makeFolders(isMerged ? "/in/trip" : "/in");
    memory.writeFile("/elsewhere/a", "secret");
    const path = `/in/${STAGING}/files/trip`;
    const disk = hookedDisk(memory, async (operation, from) => {
      if (operation !== "rename" || from !== `/in/${STAGING}/files/first`) return;
      await memory.removeTree(path);
      memory.symlink("/elsewhere", path);
    });
    await assert.rejects(
      receiveStaged(disk, { "first/a": "A", "trip/a": "A" }),
      (error) => isPliError(error, "destination_not_folder"),
    );
    assert.deepEqual(published(memory, "/in"), ["first/", "first/a = A", ...isMerged ? ["trip/"] : []]);
    assert.deepEqual(memory.tree("/elsewhere"), ["a = secret"]);
  }
});

Deno.test("a part file that was replaced while it was closed is detected", async () => {
  const memory = new MemoryDisk();
  const staged = await openStaged(memory);
  const files = Array.from({ length: 20 }, (_, at) => ({ name: `f${at}`, sizeBytes: 20, hash: ROOT_HASH }));
  await staged.plan(files);
  for (const index of files.keys()) await staged.write(index, 0, new Uint8Array(10));
  await memory.remove(`/in/${STAGING}/files/f0`);
  memory.writeFile(`/in/${STAGING}/files/f0`, "theirs");
  await assert.rejects(async () => {
    for (const index of files.keys()) {
      await staged.write(index, 10, new Uint8Array(10));
      await staged.finish(index);
    }
    await staged.publish();
  }, (error) => isPliError(error, "destination_busy"));
  assert.equal(memory.readFile(`/in/${STAGING}/files/f0`), "theirs");
  await staged.abandon();
});

Deno.test("A.7 abandoning removes nothing through a symlink that replaces the staging folder", async () => {
  const memory = new MemoryDisk();
  memory.writeFile("/elsewhere/kept", "kept");
  const staged = await openStaged(memory);
  await memory.rename(`/in/${STAGING}`, "/in/moved");
  memory.symlink("/elsewhere", `/in/${STAGING}`);
  await staged.abandon();
  assert.deepEqual(memory.tree("/elsewhere"), ["kept = kept"]);
});

Deno.test("A.7 a folder of the destination replaced by a symlink during the download gets no file", async () => {
  for (const when of ["before", "while"] as const) {
    const memory = new MemoryDisk();
    memory.writeFile("/in/old/kept", "kept");
    memory.makeFolders("/elsewhere");
    const disk = hookedDisk(memory, async (operation, path) => {
      const now = when === "before"
        ? operation === "syncFolder" && path === `/in/${STAGING}/files`
        : operation === "link" && String(path).endsWith("/a");
      if (!now) return;
      await memory.rename("/in/old", "/in/moved");
      memory.symlink("/elsewhere", "/in/old");
    });
    const incoming = Object.fromEntries([..."abcdefghijklmnop"].map((name) => [`old/${name}`, name]));
    if (when === "before") {
      const { events } = await receiveStaged(disk, incoming);
      assert.deepEqual(events, ["old -> old (2)"]);
      assert.deepEqual(memory.tree("/elsewhere"), []);
    } else {
      // The file of that moment may have been published there; it is complete, and the last.
      await assert.rejects(
        receiveStaged(disk, incoming),
        (error) => isPliError(error, "destination_not_folder"),
      );
      assert(memory.tree("/elsewhere").length <= 8);
    }
    assert.equal(memory.readFile("/in/moved/kept"), "kept");
  }
});

Deno.test("A.7 entries planted at the paths of the staging folder, its lock or a part file stop the transfer at once", async () => {
  type Plant = (disk: MemoryDisk, path: string) => void;
  const plants: Plant[] = [
    (disk, path) => disk.symlink("/elsewhere", path),
    (disk, path) => disk.symlink("/elsewhere/missing", path),
    (disk, path) => disk.special(path),
    (disk, path) => disk.writeFile(path, "planted"),
    (disk, path) => disk.makeFolders(path),
  ];
  for (const plant of plants) {
    const planted = async (path: string, operation: string, code: RegExp | null): Promise<void> => {
      const memory = new MemoryDisk();
      memory.makeFolders("/in");
      memory.writeFile("/elsewhere/kept", "kept");
      let isPlanted = false;
      const disk = hookedDisk(memory, async (now, at) => {
        if (isPlanted || now !== operation || at !== path || await memory.status(path) !== null) return;
        isPlanted = true;
        plant(memory, path);
      });
      const outcome = await receiveStaged(disk, { a: "A", "b/c": "C" }).then(() => "landed", (error) => {
        assert(isPliError(error), String(error));
        return error.code;
      });
      assert(isPlanted);
      if (code !== null) assert.match(outcome, code, path);
      assert.deepEqual(memory.tree("/elsewhere"), ["kept = kept"]);
    };
    // A folder or a file may be that of an earlier run, and is used.
    await planted(`/in/${STAGING}`, "makeFolder", /destination_changed|landed/);
    await planted(`/in/${STAGING}/lock`, "lock", /disk_failed|landed/);
    await planted(`/in/${STAGING}/files/a`, "open", /destination_busy/);
    await planted(`/in/${STAGING}/files/b/c`, "open", /destination_busy/);
    await planted(`/in/${STAGING}/files/b`, "makeFolder", /destination_busy/);
  }
});

Deno.test(
  needing(
    "A.7 on a real disk a planted FIFO or symlink makes no transfer hang or write elsewhere",
    NOT_UNIX,
  ),
  async () => {
    const root = await Deno.makeTempDir({ prefix: "pli-planted-" });
    try {
      await Deno.mkdir(`${root}/in`);
      await Deno.mkdir(`${root}/elsewhere`);
      const attempt = async (planted: string, kind: "fifo" | "symlink") => {
        const disk = hookedDisk(realDisk, async (operation, path) => {
          if (operation !== "open" && operation !== "lock") return;
          if (path !== `${root}/in/${STAGING}/${planted}`) return;
          if (kind === "symlink") await Deno.symlink(`${root}/elsewhere/made`, path);
          else await new Deno.Command("mkfifo", { args: [path] }).output();
        });
        await assert.rejects(receiveStagedInto(`${root}/in`, disk, { a: "A" }), (error) => isPliError(error));
        assert.deepEqual([...Deno.readDirSync(`${root}/elsewhere`)], []);
        await Deno.remove(`${root}/in/${STAGING}`, { recursive: true }).catch(() => undefined);
      };
      for (const kind of ["fifo", "symlink"] as const) {
        await attempt("files/a", kind);
        await attempt("lock", kind);
      }
    } finally {
      await Deno.remove(root, { recursive: true });
    }
  },
);

Deno.test("E.20 a destination that is moved during a download is reported as missing", async () => {
  const memory = new MemoryDisk();
  memory.makeFolders("/in");
  const staged = await openStaged(memory);
  await staged.plan(["first", "second"].map((name) => ({ name, sizeBytes: 2_000_000, hash: ROOT_HASH })));
  await staged.write(0, 0, new Uint8Array(1_500_000));
  await memory.rename("/in", "/moved");
  await assert.rejects(
    staged.write(1, 0, new Uint8Array(1_500_000)),
    (error) => isPliError(error, "destination_gone"),
  );
  await staged.abandon().catch(() => {});
});
