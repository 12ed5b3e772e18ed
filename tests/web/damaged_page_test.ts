// The page starts with every damage of the files in pli's home.

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { History } from "../../src/app/history.ts";
import { Notices } from "../../src/app/notices.ts";
import { initialSettings, readSettings, writeSettings } from "../../src/app/settings.ts";
import { composeApp } from "../../src/web/api.ts";
import { Instance } from "../../src/web/instance.ts";
import { ServedPage } from "../../src/web/page.ts";
import { PageBackend } from "../../src/web/page_backend.ts";
import { DAMAGES, RECORD, withDamaged } from "../app/damages.ts";
import { PAGE_OPTIONS } from "./raw_http.ts";

const ENTRY = {
  kind: "sent",
  title: "t",
  files: 1,
  bytes: 1,
  missing: 0,
  notChosen: 0,
  endedAt: 1,
  paths: [],
} as const;
/** Damages without a notice, because no data of the user is lost. */
const UNSAID = /^(hashes\.db|page\.json|page\.lock|shares|uploads|downloads is)/;

for (const damage of DAMAGES) {
  Deno.test(`E.23 the page starts where ${damage.name}`, async () => {
    await withDamaged([damage], async (home, notices) => {
      await using instance = (await Instance.tryTake(home))!;
      const initial = initialSettings(() => "/home/ada", "vm");
      const settings = await readSettings(home, initial);
      const shown = new Notices();
      await using backend = await PageBackend.open({
        home,
        engine: () => Promise.reject(new Error("not used")),
        settings,
        relay: null,
        version: "0",
        openFolder: () => Promise.resolve(),
        places: [],
        notices: shown,
      });
      await using _page = await ServedPage.serve(instance, {
        ...PAGE_OPTIONS,
        state: backend.state,
        feed: backend.feed,
      });
      await writeSettings(home, settings);
      const answer = await composeApp(backend.routes).request("/api/history");
      const text = await answer.text();
      assert.equal(answer.status, 200, text);
      const { entries, unreadable } = JSON.parse(text);
      const isOfHistory = damage.name.startsWith("history.db");
      assert.deepEqual([entries.length, unreadable], [isOfHistory ? 0 : 40, 0]);
      if (UNSAID.test(damage.name)) assert.deepEqual(notices, []);
      else assert.equal(notices.length, 1, JSON.stringify(notices));
      const [notice] = notices;
      if (notice?.code === "file_set_aside") {
        assert.ok(await Deno.lstat(notice.parameters.kept));
        assert.ok(notice.parameters.kept.startsWith(`${notice.parameters.path}.damaged-`));
      }
    });
  });
}

Deno.test("E.23 the page starts with all files damaged at once, and the next one without a notice", async () => {
  const garbage = DAMAGES.filter(({ name }) => name.endsWith("is garbage"));
  await withDamaged(garbage, async (home, notices) => {
    for (const expected of [["desk.json", "history.db", "settings.json", RECORD], []]) {
      notices.length = 0;
      await using _instance = (await Instance.tryTake(home))!;
      const settings = await readSettings(home, initialSettings(() => "/home/ada", "vm"));
      await using backend = await PageBackend.open({
        home,
        engine: () => Promise.reject(new Error("not used")),
        settings,
        relay: null,
        version: "0",
        openFolder: () => Promise.resolve(),
        places: [],
      });
      assert.deepEqual(backend.state().shares, []);
      const aside = notices.map((notice) => {
        assert.ok(notice.code === "file_set_aside");
        return notice.parameters.path.slice(home.path.length + 1).replaceAll("\\", "/");
      });
      assert.deepEqual(aside.sort(), [...expected].sort());
      backend.feed.publish({ type: "history" });
    }
  });
});

Deno.test("E.23 the page continues in memory when its history becomes unusable", async () => {
  await withDamaged([], async (home, notices) => {
    using history = await History.openWithFallback(home);
    const { entries: [first] } = history.before(null, 1);
    assert.equal(first.bytes, 40);
    // Another program damages the file that is open.
    const path = `${home.path}/history.db`;
    using other = new DatabaseSync(path);
    // A write makes the other connection read the pages again.
    other.exec("UPDATE entries SET files = 2; PRAGMA wal_checkpoint(TRUNCATE)");
    await Deno.writeFile(path, (await Deno.readFile(path)).fill(0xff, 4_096));
    history.add(ENTRY);
    assert.deepEqual(history.before(null, 9).entries.map(({ bytes }) => bytes), [1]);
    assert.deepEqual(notices.map(({ code }) => code), ["history_unavailable"]);
  });
});
