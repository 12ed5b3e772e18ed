// Removed entries of the history are in no file of pli's home. A newer schema is left, and invalid rows are left out.

import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { kindOf } from "../../src/app/set_aside.ts";
import { History, type NewEntry } from "../../src/app/history.ts";
import type { Home } from "../../src/app/home.ts";
import { DAMAGES, MARK, withDamaged } from "./damages.ts";
import { whileHeldElsewhere } from "./temporary_home.ts";

const ENTRY: NewEntry = {
  kind: "sent",
  title: "t",
  files: 1,
  bytes: 7,
  missing: 0,
  notChosen: 0,
  endedAt: 1,
  paths: ["/p"],
};

/** The files below a home that contain a text. */
async function filesWith(home: Home, text: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isFile } of Deno.readDir(home.path)) {
    if (!isFile) continue;
    const bytes = await Deno.readFile(join(home.path, name));
    if (new TextDecoder("latin1").decode(bytes).includes(text)) found.push(name);
  }
  return found.sort();
}

const fileOf = (home: Home) => join(home.path, "history.db");

function change(home: Home, statements: string): void {
  using database = new DatabaseSync(fileOf(home));
  database.exec(statements);
}

Deno.test("E.23 history: a removed entry is in no file any more, and the others are", async () => {
  await withDamaged([], async (home) => {
    using history = await History.open(home);
    const { entries: [{ id, paths: [path] }] } = history.before(null, 1);
    strictEqual(path, `${MARK}/40`);
    ok((await filesWith(home, path)).length > 0);
    history.remove(id);
    deepStrictEqual(await filesWith(home, path), []);
    ok((await filesWith(home, `${MARK}/39`)).length > 0);
  });
});

Deno.test("E.23 history: after --clear no file contains an entry, also none that an older pli has deleted", async () => {
  await withDamaged([], async (home) => {
    // As versions before this one deleted.
    change(home, "PRAGMA secure_delete = OFF; DELETE FROM entries WHERE id > 20");
    ok((await filesWith(home, `${MARK}/30`)).length > 0, "the deleted bytes are there");
    using history = await History.open(home);
    strictEqual(history.clear().entries, 20);
    deepStrictEqual(await filesWith(home, MARK), []);
    history.add(ENTRY);
    strictEqual(history.before(null, 1).entries[0].id, 41, "a number is never used again");
  });
});

Deno.test("E.23 history: --clear erases beside another process that has it open", async () => {
  await withDamaged([], async (home) => {
    await whileHeldElsewhere(["history", home.path, "3"], async () => {
      using history = await History.open(home);
      strictEqual(history.clear().entries, 43);
      deepStrictEqual(await filesWith(home, MARK), []);
      deepStrictEqual(await filesWith(home, "elsewhere"), []);
    });
  });
});

Deno.test("E.23 history: --clear repairs every damage, and erases the files that were set aside", async () => {
  for (const damage of DAMAGES.filter(({ name }) => name.startsWith("history.db"))) {
    await withDamaged([damage], async (home, notices) => {
      {
        using history = await History.open(home);
        deepStrictEqual(notices.map(({ code }) => code), ["file_set_aside"], damage.name);
        history.add(ENTRY);
        const kept = kindOf((notices[0].parameters as { kept: string }).kept);
        const setAside = kept === "file" ? 1 : 0;
        deepStrictEqual(history.clear(), { entries: 1, isNewer: false, setAside }, damage.name);
      }
      deepStrictEqual(await filesWith(home, MARK), [], damage.name);
      using history = await History.open(home);
      history.add(ENTRY);
      deepStrictEqual([history.before(null, 9).entries.length, notices.length], [1, 1], damage.name);
    });
  }
});

Deno.test("E.23 history: of several processes one sets a damaged file aside", async () => {
  const damage = DAMAGES.find(({ name }) => name === "history.db is garbage")!;
  await withDamaged([damage], async (home) => {
    await Promise.all(
      Array.from({ length: 3 }, () => whileHeldElsewhere(["history", home.path, "2"], async () => {})),
    );
    const names = [...Deno.readDirSync(home.path)].map(({ name }) => name);
    strictEqual(names.filter((name) => name.startsWith("history.db.damaged-")).length, 1, names.join(" "));
    using history = await History.open(home);
    strictEqual(history.before(null, 100).entries.length, 6);
  });
});

Deno.test("E.23 history: that of a newer pli is left unchanged, until --clear", async () => {
  await withDamaged([], async (home, notices) => {
    change(home, "PRAGMA user_version = 99; ALTER TABLE entries RENAME COLUMN paths TO places");
    const before = await Deno.readFile(fileOf(home));
    {
      using history = await History.open(home);
      history.add(ENTRY);
      deepStrictEqual(history.before(null, 9).entries.map(({ bytes }) => bytes), [7]);
    }
    deepStrictEqual(await Deno.readFile(fileOf(home)), before);
    deepStrictEqual(notices, [{ code: "history_newer", parameters: { path: fileOf(home) } }]);
    using history = await History.open(home);
    deepStrictEqual(history.clear(), { entries: 0, isNewer: true, setAside: 0 });
    deepStrictEqual(await filesWith(home, MARK), []);
    using next = await History.open(home);
    next.add(ENTRY);
    strictEqual(next.before(null, 9).entries.length, 1);
  });
});

Deno.test("E.23 history: an invalid row is left out and counted, and can be removed", async () => {
  const rows = [
    "paths = '[oops'",
    "paths = '{}'",
    "paths = '[1]'",
    "paths = x'00ff'",
    "kind = 'other'",
    "bytes = 9223372036854775807",
    "bytes = 1.5",
    "files = -1",
    "ended_at = 'yesterday'",
    "ended_at = 8640000000000001",
    "title = x'00'",
  ];
  await withDamaged([], async (home, notices) => {
    change(
      home,
      rows.map((values, index) => `UPDATE entries SET ${values} WHERE id = ${index + 1};`).join("\n"),
    );
    using history = await History.open(home);
    const all = history.before(null, 100);
    deepStrictEqual([all.entries.length, all.more, all.unreadable], [29, false, 11]);
    const some = history.before(13, 1);
    deepStrictEqual([some.entries.map(({ id }) => id), some.more, some.unreadable], [[12], false, 11]);
    for (let id = 1; id <= rows.length; id++) strictEqual(history.find(id), null);
    history.remove(1);
    strictEqual(history.before(null, 100).unreadable, 10);
    strictEqual(history.clear().entries, 39);
    deepStrictEqual(notices, []);
  });
});
