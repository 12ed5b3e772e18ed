// A home of pli with a file of every kind, and damages of these files.

import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openHashCache } from "../../src/app/hash_cache.ts";
import { History } from "../../src/app/history.ts";
import { Home } from "../../src/app/home.ts";
import type { Notice } from "../../src/app/notices.ts";

/** A path in the history of a seeded home. */
export const MARK = "/remembered/only/by/the/history";
export const RECORD = `downloads/${"a".repeat(64)}.json`;

export interface Damage {
  name: string;
  apply: (path: (file: string) => string) => Promise<void> | void;
}

/** Opens a seeded home after some damages, for as long as `use` takes; `notices` are those of the opening on. */
export async function withDamaged(
  damages: readonly Damage[],
  use: (home: Home, notices: Notice[]) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const notices: Notice[] = [];
    const home = await Home.open(
      (name) => name === "PLI_HOME" ? join(folder, "home") : undefined,
      (notice) => notices.push(notice),
    );
    await seed(home);
    for (const { apply } of damages) await apply((file) => join(home.path, file));
    await use(home, notices);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function seed(home: Home): Promise<void> {
  {
    using history = await History.open(home);
    for (let bytes = 1; bytes <= 40; bytes++) {
      history.add({
        kind: "sent",
        title: "t",
        files: 1,
        bytes,
        missing: 0,
        notChosen: 0,
        endedAt: 1_700_000_000_000,
        paths: [`${MARK}/${bytes}`],
      });
    }
  }
  {
    using hashes = await openHashCache(home);
    const key = { path: new Uint8Array(32), sizeBytes: 1, modifiedMs: 1, changedMs: 1, inode: 1, device: 1 };
    hashes?.keep([{ key, values: { blockValues: new Uint8Array(32), sizeProof: new Uint8Array() } }]);
  }
  await Deno.writeTextFile(join(home.path, "settings.json"), `{"name":"Ada"}`, { mode: 0o600 });
  await Deno.writeTextFile(join(home.path, "desk.json"), `{"version":1,"shares":[]}`, { mode: 0o600 });
}

const FILES = ["history.db", "hashes.db", "settings.json", "desk.json", "page.json", "page.lock", RECORD];

const inPlaceOf = (file: string, name: string, make: (path: string) => Promise<unknown> | void): Damage => ({
  name: `${file} ${name}`,
  apply: async (path) => {
    await Deno.mkdir(path("downloads"), { recursive: true });
    for (const suffix of ["-wal", "-shm", ""]) await Deno.remove(path(file) + suffix).catch(() => {});
    await make(path(file));
  },
});

/** The replacements of every file. */
const REPLACED: readonly Damage[] = FILES.flatMap((file) => [
  inPlaceOf(file, "is garbage", (path) => Deno.writeFile(path, new Uint8Array(9_000).fill(0xf7))),
  inPlaceOf(file, "is a folder with something in it", async (path) => {
    await Deno.mkdir(path);
    await Deno.writeTextFile(join(path, "x"), "x");
  }),
  ...Deno.build.os === "windows" ? [] : [
    inPlaceOf(file, "is a FIFO", async (path) => {
      await new Deno.Command("mkfifo", { args: [path] }).output();
    }),
    inPlaceOf(file, "is a link to itself", (path) => Deno.symlink(path, path)),
  ],
]);

/** Damages of a database: changed bytes, missing bytes, and another program's file. */
const OF_DATABASES: readonly Damage[] = ["history.db", "hashes.db"].flatMap((file): Damage[] => [
  {
    name: `${file} has lost its end`,
    apply: async (path) => await Deno.truncate(path(file), 5_000),
  },
  {
    name: `${file} has wrong pages`,
    apply: async (path) => {
      const bytes = await Deno.readFile(path(file));
      await Deno.writeFile(path(file), bytes.fill(0xff, 4_096));
    },
  },
  {
    name: `${file} begins with a page of zeros`,
    apply: async (path) => {
      const bytes = await Deno.readFile(path(file));
      await Deno.writeFile(path(file), bytes.fill(0, 0, 4_096));
    },
  },
  inPlaceOf(file, "is of another program", (path) => {
    using database = new DatabaseSync(path);
    database.exec("CREATE TABLE entries (a); INSERT INTO entries VALUES (1)");
  }),
  {
    name: `${file} has other columns`,
    apply: (path) => {
      using database = new DatabaseSync(path(file));
      database.exec(
        file === "history.db"
          ? "ALTER TABLE entries RENAME COLUMN title TO name"
          : "ALTER TABLE files RENAME COLUMN units TO values_",
      );
    },
  },
  {
    name: `${file} has a folder for its log`,
    apply: async (path) => {
      await Deno.remove(path(`${file}-wal`)).catch(() => {});
      await Deno.mkdir(path(`${file}-wal`));
    },
  },
]);

const OTHERS: readonly Damage[] = [
  inPlaceOf("settings.json", "is half", (path) => Deno.writeTextFile(path, `{"name":"Ad`)),
  inPlaceOf("settings.json", "is a list", (path) => Deno.writeTextFile(path, "[1]")),
  inPlaceOf("settings.json", "has odd values", (path) => {
    return Deno.writeTextFile(
      path,
      `{"__proto__":{"relay":"x"},"relay":5,"downloadFolder":"rel","name":["x"]}`,
    );
  }),
  inPlaceOf("desk.json", "has odd shares", (path) => {
    return Deno.writeTextFile(path, `{"shares":[5,null,{"paths":[]},{"paths":["rel"],"keep":true}]}`);
  }),
  inPlaceOf(
    RECORD,
    "is no record",
    (path) => Deno.writeTextFile(path, `{"version":2,"ticket":"blobzz","places":[{}]}`),
  ),
  inPlaceOf("shares", "is a file", (path) => Deno.writeTextFile(path, "x")),
  inPlaceOf("uploads", "is a file", (path) => Deno.writeTextFile(path, "x")),
  { name: "downloads is a file", apply: (path) => Deno.writeTextFile(path("downloads"), "x") },
];

export const DAMAGES: readonly Damage[] = [...REPLACED, ...OF_DATABASES, ...OTHERS];
