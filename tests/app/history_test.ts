// Writing the history: by several processes at once, and from the events of a share or a download.

import { deepStrictEqual, rejects, strictEqual, throws } from "node:assert";
import { join } from "node:path";
import { AppError } from "../../src/app/errors.ts";
import { History, type NewEntry, withPresence } from "../../src/app/history.ts";
import { receivedEntry, sentEntry } from "../../src/app/history_entries.ts";
import { Lock } from "../../src/app/lock.ts";
import { titleOfEntry, titleOfPaths } from "../../src/app/titles.ts";
import { newShareView } from "../../src/app/transfers/share_view.ts";
import { settle, VirtualClock } from "../fakes/virtual_clock.ts";
import { othersRights, whileHeldElsewhere, withHome } from "./temporary_home.ts";

const ENTRY: NewEntry = {
  kind: "received",
  title: "holiday",
  files: 3,
  bytes: 3_000,
  missing: 0,
  notChosen: 0,
  endedAt: 1_700_000_000_123,
  paths: ["/a/holiday"],
};

Deno.test("history: entries are listed by page, newest first, and removed singly or all", async () => {
  await withHome(async (home) => {
    using history = await History.open(home);
    for (let bytes = 1; bytes <= 5; bytes++) history.add({ ...ENTRY, bytes });
    deepStrictEqual(
      history.before(null, 2).entries.map(({ bytes }) => bytes),
      [5, 4],
    );
    deepStrictEqual([history.before(null, 4).more, history.before(null, 5).more], [true, false]);
    const [{ id }] = history.before(null, 1).entries;
    deepStrictEqual(history.before(id, 10).entries.map(({ bytes }) => bytes), [4, 3, 2, 1]);
    deepStrictEqual(history.find(id), { ...ENTRY, id, bytes: 5 });
    history.remove(id);
    strictEqual(history.find(id), null);
    history.add({ ...ENTRY, title: null, paths: [] });
    const [next] = history.before(null, 1).entries;
    deepStrictEqual([next.id, next.title, next.paths], [id + 1, null, []], "a number is never used again");
    strictEqual(history.clear().entries, 5);
    deepStrictEqual(history.before(null, 10).entries, []);
    strictEqual(await othersRights(join(home.path, "history.db")), 0);
  });
});

Deno.test("history: an entry shows whether its files still exist", async () => {
  await withHome(async (_home, folder) => {
    const there = await withPresence({ ...ENTRY, id: 1, paths: [folder] });
    const gone = await withPresence({ ...ENTRY, id: 2, paths: [join(folder, "gone")] });
    const nowhere = await withPresence({ ...ENTRY, id: 3, paths: [] });
    deepStrictEqual([there.isThere, gone.isThere, nowhere.isThere], [true, false, false]);
  });
});

Deno.test("history: several processes create and write the same history at once, and read each other's entries", async () => {
  await withHome(async (home) => {
    const processes = 3;
    const each = 40;
    let held = 0;
    const all = Promise.withResolvers<void>();
    await Promise.all(
      Array.from(
        { length: processes },
        () =>
          whileHeldElsewhere(["history", home.path, String(each)], async () => {
            if (++held === processes) {
              all.resolve();
            }
            await all.promise;
            if (held < processes) return;
            // While the others have it open.
            using history = await History.open(home);
            strictEqual(history.before(null, 1_000).entries.length >= processes * each, true);
            history.add(ENTRY);
          }),
      ),
    );
    using history = await History.open(home);
    strictEqual(history.before(null, 1_000).entries.length, processes * each + processes);
  });
});

Deno.test("history: a closed one throws an error of pli's home", async () => {
  await withHome(async (home) => {
    const history = await History.open(home);
    history[Symbol.dispose]();
    throws(() => history.add(ENTRY), (error) => error instanceof AppError && error.code === "home_unusable");
  });
});

Deno.test("history: a damaged one that another process sets aside is awaited for two seconds", async () => {
  const clock = new VirtualClock();
  await withHome(async (home) => {
    const path = join(home.path, "history.db");
    await Deno.writeTextFile(path, "no database");
    {
      using _lock = (await Lock.tryTake(`${path}.lock`))!;
      let isOver = false;
      const opening = History.open(home).finally(() => isOver = true);
      const refused = rejects(opening, { code: "home_unusable" });
      // The module of the database is loaded first, in real time.
      while (!clock.isAwaited && !isOver) await settle();
      await clock.pass(1_900);
      strictEqual(isOver, false);
      await clock.pass(200);
      await refused;
    }
    using history = await History.open(home);
    deepStrictEqual(history.before(null, 1).entries, []);
  }, clock);
});

Deno.test("history: a share has an entry once it is delivered or sent completely", () => {
  const about = { title: "holiday", otherNames: 0, keep: false, skipped: [], isStaged: false };
  const view = { ...newShareView("s", 0, about), files: 3, bytes: 3_000 };
  const where = { paths: ["/a/holiday"], endedAt: 5 };
  const entry = { kind: "sent", title: "holiday", missing: 0, notChosen: 0, ...where };
  strictEqual(sentEntry(view, { type: "progress", bytes: 1, total: 2, files: 0, id: "07" }, where), null);
  const delivered = { type: "delivered", id: "07".repeat(32), files: 2, bytes: 2_000 } as const;
  const part = { ...entry, files: 2, bytes: 2_000 };
  deepStrictEqual(sentEntry(view, delivered, where), { ...part, notChosen: 1 });
  deepStrictEqual(sentEntry(view, { ...delivered, lost: ["c"] }, where), { ...part, missing: 1 });
  deepStrictEqual(sentEntry({ ...view, missing: 4 }, delivered, where), {
    ...part,
    missing: 4,
    notChosen: 1,
  });
  deepStrictEqual(sentEntry(view, { type: "sent" }, where), { ...entry, files: 3, bytes: 3_000 });
});

Deno.test("history: a download's entry has the names at the top of its folder", () => {
  const fetched = { files: 3, bytes: 9, names: ["a/b", "a/c", "d"], lost: [] };
  const entry = { kind: "received", title: null, files: 3, bytes: 9, missing: 0, notChosen: 0, endedAt: 4 };
  const folder = "/in";
  deepStrictEqual(receivedEntry({ title: null, folder, notChosen: 0 }, fetched, 4), {
    ...entry,
    paths: [join(folder, "a"), join(folder, "d")],
  });
  deepStrictEqual(receivedEntry({ title: null, folder, notChosen: 0 }, { ...fetched, names: [] }, 4), {
    ...entry,
    paths: [folder],
  });
  deepStrictEqual(receivedEntry({ title: "d", folder: null, notChosen: 0 }, fetched, 4), {
    ...entry,
    title: "d",
    paths: [],
  });
});

Deno.test("history: a download's entry counts what is missing and what was not chosen", () => {
  const lost = [{ name: "a/x", bytes: 5 }, { name: "a/y", bytes: 0 }];
  const fetched = { files: 1, bytes: 3, names: ["a/b"], lost };
  const entry = receivedEntry({ title: "a", folder: "/in", notChosen: 7 }, fetched, 4);
  deepStrictEqual([entry.files, entry.missing, entry.notChosen], [1, 2, 7]);
});

Deno.test("history: a title is the only name at the top", () => {
  const title = (paths: readonly string[]) => titleOfEntry(titleOfPaths(paths));
  strictEqual(title(["/home/ada/holiday/"]), "holiday");
  strictEqual(title(["C:\\Users\\ada\\a.txt"]), "a.txt");
  strictEqual(title(["/a", "/b"]), null);
  deepStrictEqual(titleOfPaths(["/b", "/a"]), { title: "a", otherNames: 1 });
  strictEqual(title(["/"]), "/");
});
