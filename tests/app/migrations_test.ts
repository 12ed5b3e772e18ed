// Databases of earlier versions: their content is in the present one.

import { deepStrictEqual, ok, strictEqual, throws } from "node:assert";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { DatabaseNewer, type DatabaseOptions, isDamage, openDatabase } from "../../src/app/database.ts";
import { History } from "../../src/app/history.ts";
import { HISTORY_OPTIONS, historyPath, memoryDatabase } from "../../src/app/history_database.ts";
import { withDamaged } from "./damages.ts";
import { STORED, storedHistory } from "./stored_history.ts";
import { withHome } from "./temporary_home.ts";

const { migrations: MIGRATIONS } = HISTORY_OPTIONS;
const VERSIONS = MIGRATIONS.map((_, index) => index + 1);

/** A schema of the future: it cannot be applied twice, and it changes rows. */
const NEXT = [
  "ALTER TABLE entries ADD COLUMN note TEXT NOT NULL DEFAULT 'none'",
  "UPDATE entries SET note = 'migrated'",
];

function open(path: string, more: DatabaseOptions["migrations"] = []): DatabaseSync {
  const shape = { ...HISTORY_OPTIONS, migrations: [...MIGRATIONS, ...more] };
  return openDatabase(path, shape, (path) => new DatabaseSync(path));
}

const rowsIn = (database: DatabaseSync) => database.prepare("SELECT * FROM entries ORDER BY id DESC").all();
const versionIn = (database: DatabaseSync) => database.prepare("PRAGMA user_version").get()?.user_version;
const columnsIn = (database: DatabaseSync) =>
  database.prepare("SELECT name, type, \"notnull\", dflt_value, pk FROM pragma_table_info('entries')").all();

/** A copy of the stored history of a version. */
async function withStored(version: number, use: (path: string) => Promise<void> | void): Promise<void> {
  await withHome(async (home) => {
    await Deno.copyFile(storedHistory(version), historyPath(home));
    await use(historyPath(home));
  });
}

for (const version of VERSIONS) {
  Deno.test(`the history of version ${version} is read and written by the present one`, async () => {
    await withDamaged([], async (home, notices) => {
      for (const suffix of ["", "-wal", "-shm"]) {
        await Deno.remove(historyPath(home) + suffix).catch(() => {});
      }
      await Deno.copyFile(storedHistory(version), historyPath(home));
      {
        using history = await History.open(home);
        deepStrictEqual(history.before(null, 100), { entries: STORED, more: false, unreadable: 0 });
        const { id: _, ...entry } = STORED[0];
        history.add(entry);
        strictEqual(history.before(null, 1).entries[0].id, STORED[0].id + 1);
      }
      deepStrictEqual(notices, []);
      using database = open(historyPath(home));
      using fresh = await memoryDatabase();
      strictEqual(versionIn(database), MIGRATIONS.length);
      deepStrictEqual(columnsIn(database), columnsIn(fresh));
    });
  });

  Deno.test(`the history of version ${version} is migrated to a later one, which this pli leaves unchanged`, async () => {
    await withStored(version, async (path) => {
      {
        using database = open(path, [NEXT, ["UPDATE entries SET files = files + 1"]]);
        strictEqual(versionIn(database), MIGRATIONS.length + 2);
        deepStrictEqual(
          rowsIn(database).map(({ id, title, files, note }) => [id, title, files, note]),
          STORED.map(({ id, title, files }) => [id, title, files + 1, "migrated"]),
        );
      }
      const before = await Deno.readFile(path);
      throws(() => open(path), DatabaseNewer);
      deepStrictEqual(await Deno.readFile(path), before);
    });
  });

  Deno.test(`the history of version ${version} is unchanged when a migration fails`, async () => {
    await withStored(version, (path) => {
      throws(() => open(path, [NEXT, ["UPDATE missing SET a = 1"]]), (error) => !isDamage(error));
      using database = open(path);
      strictEqual(versionIn(database), MIGRATIONS.length);
      deepStrictEqual(rowsIn(database).map(({ id }) => id), STORED.map(({ id }) => id));
      ok(rowsIn(database).every((row) => !("note" in row)));
    });
  });
}

const OTHER_SCHEMAS = [
  "ALTER TABLE entries RENAME COLUMN title TO name",
  "ALTER TABLE entries ADD COLUMN note TEXT",
  "ALTER TABLE entries DROP COLUMN files",
  "ALTER TABLE entries RENAME TO other",
  // Each of these has the right names.
  "CREATE TABLE copy AS SELECT * FROM entries; DROP TABLE entries; ALTER TABLE copy RENAME TO entries",
  "ALTER TABLE entries RENAME TO other; CREATE VIEW entries AS SELECT * FROM other",
];

for (const version of VERSIONS) {
  for (const statements of OTHER_SCHEMAS) {
    Deno.test(`a history of version ${version} after ${statements} is damaged, and set aside unchanged`, async () => {
      await withDamaged([], async (home, notices) => {
        for (const suffix of ["", "-wal", "-shm"]) {
          await Deno.remove(historyPath(home) + suffix).catch(() => {});
        }
        await Deno.copyFile(storedHistory(version), historyPath(home));
        {
          using database = new DatabaseSync(historyPath(home));
          database.exec(statements);
        }
        const before = await Deno.readFile(historyPath(home));
        using history = await History.open(home);
        deepStrictEqual(history.before(null, 1), { entries: [], more: false, unreadable: 0 });
        const { id: _, ...entry } = STORED[0];
        history.add(entry);
        strictEqual(history.before(null, 2).entries.length, 1);
        const [{ code, parameters }] = notices as { code: string; parameters: { kept: string } }[];
        strictEqual(code, "file_set_aside");
        deepStrictEqual(await Deno.readFile(parameters.kept), before);
      });
    });
  }
}

Deno.test("a history that several connections migrate at once is migrated once", async () => {
  await withStored(1, async (path) => {
    const counter = ["CREATE TABLE runs (a)", "INSERT INTO runs VALUES (1)"];
    const script = join(import.meta.dirname!, "migrating_worker.ts");
    const workers = Array.from({ length: 4 }, () => new Worker(`file://${script}`, { type: "module" }));
    try {
      const answers = workers.map((worker) => {
        const { promise, resolve, reject } = Promise.withResolvers<string>();
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = (event) => reject(new Error(event.message));
        return promise;
      });
      for (const worker of workers) worker.postMessage({ path, migrations: [...MIGRATIONS, NEXT, counter] });
      deepStrictEqual(await Promise.all(answers), workers.map(() => "opened"));
      using database = open(path, [NEXT, counter]);
      strictEqual(database.prepare("SELECT count(*) AS count FROM runs").get()?.count, 1);
    } finally {
      for (const worker of workers) worker.terminate();
    }
  });
});
