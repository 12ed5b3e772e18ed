// What was sent and received, as it is written: by several processes at once, and from what a share or a download has
// told.

import { deepStrictEqual, rejects, strictEqual, throws } from "node:assert";
import { join } from "node:path";
import { AppError } from "../../src/app/errors.ts";
import { History, type NewEntry, withPresence } from "../../src/app/history.ts";
import { receivedEntry, SentEntry } from "../../src/app/history_entries.ts";
import { titleOfPaths } from "../../src/app/titles.ts";
import type { TransferEvent } from "../../src/engine/mod.ts";
import { othersRights, whileHeldElsewhere, withHome } from "./temporary_home.ts";

const ENTRY: NewEntry = {
  kind: "received",
  title: "holiday",
  files: 3,
  bytes: 3_000,
  endedAt: 1_700_000_000_123,
  paths: ["/a/holiday"],
};

Deno.test("history: entries come newest first, page by page, and go one by one or all", async () => {
  await withHome(async (home) => {
    using history = await History.open(home);
    for (let bytes = 1; bytes <= 5; bytes++) history.add({ ...ENTRY, bytes });
    deepStrictEqual(
      history.before(null, 2).map(({ bytes }) => bytes),
      [5, 4, 3],
      "one more tells that there is more",
    );
    const [{ id }] = history.before(null, 1);
    deepStrictEqual(history.before(id, 10).map(({ bytes }) => bytes), [4, 3, 2, 1]);
    deepStrictEqual(history.find(id), { ...ENTRY, id, bytes: 5 });
    history.remove(id);
    strictEqual(history.find(id), null);
    history.add({ ...ENTRY, title: null, paths: [] });
    const [next] = history.before(null, 1);
    deepStrictEqual([next.id, next.title, next.paths], [id + 1, null, []], "a number is never used again");
    strictEqual(history.clear(), 5);
    deepStrictEqual(history.before(null, 10), []);
    strictEqual(await othersRights(join(home.path, "history.db")), 0);
  });
});

Deno.test("history: it is still there, or it is gone", async () => {
  await withHome(async (_home, folder) => {
    const there = await withPresence({ ...ENTRY, id: 1, paths: [folder] });
    const gone = await withPresence({ ...ENTRY, id: 2, paths: [join(folder, "gone")] });
    const nowhere = await withPresence({ ...ENTRY, id: 3, paths: [] });
    deepStrictEqual([there.isThere, gone.isThere, nowhere.isThere], [true, false, false]);
  });
});

Deno.test("history: several processes make and fill the same one at once, and see each other's entries", async () => {
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
            strictEqual(history.before(null, 1_000).length >= processes * each, true);
            history.add(ENTRY);
          }),
      ),
    );
    using history = await History.open(home);
    strictEqual(history.before(null, 1_000).length, processes * each + processes);
  });
});

Deno.test("history: a file that is none is told as a fault of pli's home", async () => {
  const isUnusable = (error: unknown) => error instanceof AppError && error.code === "home_unusable";
  await withHome(async (home) => {
    await Deno.writeTextFile(
      join(home.path, "history.db"),
      "this is no database, but long enough to be read as one",
    );
    await rejects(History.open(home), isUnusable);
  });
  await withHome(async (home) => {
    const history = await History.open(home);
    history[Symbol.dispose]();
    throws(() => history.add(ENTRY), isUnusable);
  });
});

const TICKET_EVENT: TransferEvent = {
  type: "ticket",
  ticket: "blob",
  hash: "09".repeat(32),
  files: 3,
  bytes: 3_000,
  relayReached: false,
};

Deno.test("history: a share has one entry, made when it is delivered or sent completely", () => {
  const about = { title: "holiday", paths: ["/a/holiday"] };
  const delivered: TransferEvent = { type: "delivered", id: "07".repeat(32), files: 2, bytes: 2_000 };
  const kept = new SentEntry(about);
  const sent = new SentEntry(about);
  for (const share of [kept, sent]) {
    strictEqual(share.after(TICKET_EVENT, 1), null);
    strictEqual(share.after({ type: "progress", bytes: 1, total: 2, files: 0, id: "07" }, 2), null);
  }
  deepStrictEqual(kept.after(delivered, 5), { kind: "sent", ...about, files: 2, bytes: 2_000, endedAt: 5 });
  strictEqual(kept.after(delivered, 6), null, "whoever comes next makes no other");
  deepStrictEqual(sent.after({ type: "sent" }, 7), {
    kind: "sent",
    ...about,
    files: 3,
    bytes: 3_000,
    endedAt: 7,
  });
});

Deno.test("history: a download's entry names what stands at the top of its folder", () => {
  const fetched = { files: 3, bytes: 9, names: ["a/b", "a/c", "d"] };
  const entry = { kind: "received", title: null, files: 3, bytes: 9, endedAt: 4 };
  const folder = "/in";
  deepStrictEqual(receivedEntry({ title: null, folder }, fetched, 4), {
    ...entry,
    paths: ["/in/a", "/in/d"],
  });
  deepStrictEqual(receivedEntry({ title: null, folder }, { ...fetched, names: [] }, 4), {
    ...entry,
    paths: [folder],
  });
  deepStrictEqual(receivedEntry({ title: "d", folder: null }, fetched, 4), {
    ...entry,
    title: "d",
    paths: [],
  });
});

Deno.test("history: a title is the only name at the top", () => {
  strictEqual(titleOfPaths(["/home/ada/holiday/"]), "holiday");
  strictEqual(titleOfPaths(["C:\\Users\\ada\\a.txt"]), "a.txt");
  strictEqual(titleOfPaths(["/a", "/b"]), null);
  strictEqual(titleOfPaths(["/"]), "/");
});
