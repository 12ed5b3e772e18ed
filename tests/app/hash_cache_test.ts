import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openHashCache } from "../../src/app/hash_cache.ts";
import type { Home } from "../../src/app/home.ts";
import type { FileValues, HashKey } from "../../src/engine/mod.ts";
import { VirtualClock } from "../fakes/virtual_clock.ts";
import { needing, NOT_UNIX } from "../left_out.ts";
import { othersRights, whileHeldElsewhere, withHome } from "./temporary_home.ts";

const HOUR_MS = 60 * 60 * 1000;

/** The key of the file number `index`; `changes` are to its status. */
function key(index: number, changes: Partial<HashKey> = {}): HashKey {
  const path = new Uint8Array(32);
  new DataView(path.buffer).setUint32(0, index);
  return {
    path,
    sizeBytes: 1000 + index,
    modifiedMs: 1_700_000_000_123,
    changedMs: 1_700_000_001_000,
    // Above 2^53, like the inodes of some volumes.
    inode: 2 ** 63 + 4096,
    device: 65_024,
    ...changes,
  };
}

function values(index: number, blocks = 1): FileValues {
  return {
    blockValues: new Uint8Array(32 * blocks).fill(index),
    sizeProof: new Uint8Array(64).fill(index + 1),
  };
}

const entry = (index: number, blocks = 1) => ({ key: key(index), values: values(index, blocks) });

async function open(home: Home, maximumBytes?: number) {
  return (await openHashCache(home, maximumBytes))!;
}

/** The indices of the first `count` files that have an entry. */
async function known(home: Home, count: number): Promise<number[]> {
  using cache = await open(home);
  const found = cache.find(Array.from({ length: count }, (_, index) => key(index)));
  return found.flatMap((values, index) => values === null ? [] : [index]);
}

const fileOf = (home: Home) => join(home.path, "hashes.db");

Deno.test("hash cache: stored entries are found by this process and the next, in the order of the keys", async () => {
  await withHome(async (home) => {
    {
      using cache = await open(home);
      deepStrictEqual(cache.find([key(1)]), [null]);
      cache.keep([entry(1), entry(2, 3)]);
      deepStrictEqual(cache.find([key(2), key(3), key(1)]), [values(2, 3), null, values(1)]);
    }
    using cache = await open(home);
    deepStrictEqual(cache.find([key(1), key(2)]), [values(1), values(2, 3)]);
    deepStrictEqual(cache.find([]), []);
  });
});

Deno.test("hash cache: a key with any other field finds nothing", async () => {
  await withHome(async (home) => {
    using cache = await open(home);
    cache.keep([entry(1)]);
    for (const field of ["sizeBytes", "modifiedMs", "changedMs", "device"] as const) {
      deepStrictEqual(cache.find([key(1, { [field]: key(1)[field] + 1 })]), [null], field);
    }
    deepStrictEqual(cache.find([key(1, { inode: 1 }), key(1, { path: key(2).path })]), [null, null]);
    deepStrictEqual(cache.find([key(1)]), [values(1)]);
  });
});

Deno.test("hash cache: a path has one entry, its latest, which can be deleted", async () => {
  await withHome(async (home) => {
    using cache = await open(home);
    const changed = key(1, { modifiedMs: 5 });
    cache.keep([entry(1), entry(2)]);
    cache.keep([{ key: changed, values: values(9) }]);
    deepStrictEqual(cache.find([key(1), changed]), [null, values(9)]);
    cache.forget([key(1).path]);
    deepStrictEqual(cache.find([changed, key(2)]), [null, values(2)]);
  });
});

Deno.test(
  needing("hash cache: the file is private, and made private again when others can read it", NOT_UNIX),
  async () => {
    await withHome(async (home) => {
      using cache = await open(home);
      cache.keep([entry(1)]);
      for (const { name } of Deno.readDirSync(home.path)) {
        strictEqual(await othersRights(join(home.path, name)), 0, name);
      }
      cache[Symbol.dispose]();
      await Deno.chmod(fileOf(home), 0o644);
      deepStrictEqual(await known(home, 2), [1]);
      strictEqual(await othersRights(fileOf(home)), 0);
    });
  },
);

Deno.test("hash cache: a damaged file is removed and created again", async () => {
  await withHome(async (home) => {
    await Deno.writeFile(fileOf(home), new Uint8Array(5_000).fill(7));
    {
      using cache = await open(home);
      deepStrictEqual(cache.find([key(1)]), [null]);
      cache.keep([entry(1)]);
    }
    deepStrictEqual(await known(home, 2), [1]);

    // Damage inside: all pages after the first.
    const bytes = await Deno.readFile(fileOf(home));
    await Deno.writeFile(fileOf(home), bytes.fill(0xff, 4096));
    deepStrictEqual(await known(home, 2), []);
    using cache = await open(home);
    cache.keep([entry(0)]);
    deepStrictEqual(await known(home, 2), [0]);
  });
});

Deno.test("hash cache: a file of a newer version is left unchanged, and nothing is stored", async () => {
  await withHome(async (home) => {
    {
      using cache = await open(home);
      cache.keep([entry(1)]);
    }
    {
      using database = new DatabaseSync(fileOf(home));
      database.exec("PRAGMA user_version = 99; ALTER TABLE files RENAME COLUMN status TO other");
    }
    deepStrictEqual(await known(home, 2), []);
    const before = await Deno.readFile(fileOf(home));
    using cache = await open(home);
    cache.keep([entry(1)]);
    deepStrictEqual(await known(home, 2), []);
    deepStrictEqual(await Deno.readFile(fileOf(home)), before);
  });
});

Deno.test("hash cache: a file that cannot be opened, or is locked, yields no entries and no error", async () => {
  await withHome(async (home) => {
    await Deno.mkdir(fileOf(home));
    {
      using cache = await open(home);
      cache.keep([entry(1)]);
      cache.forget([key(1).path]);
      deepStrictEqual(cache.find([key(1)]), [null]);
    }
    await Deno.remove(fileOf(home));
    using cache = await open(home);
    cache.keep([entry(1)]);
    using holder = new DatabaseSync(fileOf(home));
    holder.exec("BEGIN EXCLUSIVE");
    cache.keep([entry(2)]);
    // A reader does not wait for a writer.
    deepStrictEqual(cache.find([key(1), key(2)]), [values(1), null]);
    holder.exec("COMMIT");
    cache.keep([entry(2)]);
    deepStrictEqual(cache.find([key(1), key(2)]), [values(1), values(2)]);
  });
});

Deno.test("hash cache: two processes use one file", async () => {
  await withHome(async (home) => {
    using cache = await open(home);
    cache.keep([entry(1)]);
    await whileHeldElsewhere(["hashes", home.path], () => {
      // The other process has stored file 2, and has the database open.
      deepStrictEqual(cache.find([key(1), key(2)]).map((found) => found !== null), [true, true]);
      cache.keep([entry(3)]);
      return Promise.resolve();
    });
    // The other process was killed.
    deepStrictEqual(await known(home, 4), [1, 2, 3]);
  });
});

Deno.test("hash cache: beyond its bound the least recently used entries are removed", async () => {
  const clock = new VirtualClock();
  await withHome(async (home) => {
    const size = 32 + 64 + 200;
    using cache = await open(home, 4 * size);
    for (const index of [0, 1, 2, 3]) {
      cache.keep([entry(index)]);
      await clock.pass(2 * HOUR_MS);
    }
    cache.find([key(0), key(2)]);
    await clock.pass(2 * HOUR_MS);
    cache.keep([entry(4)]);
    deepStrictEqual(await known(home, 6), [0, 2, 3, 4]);
    // An entry larger than the bound replaces nothing.
    cache.keep([entry(5, 4 * size)]);
    deepStrictEqual(await known(home, 6), [0, 2, 3, 4]);
  }, clock);
});

Deno.test("hash cache: many entries are stored and found in one call", async () => {
  await withHome(async (home) => {
    using cache = await open(home);
    const entries = Array.from({ length: 20_000 }, (_, index) => entry(index));
    cache.keep(entries);
    ok(cache.find(entries.map(({ key }) => key)).every((found) => found !== null));
  });
});
