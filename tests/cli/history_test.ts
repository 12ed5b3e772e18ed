import { deepStrictEqual, doesNotMatch, match, ok, strictEqual } from "node:assert";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { History, type NewEntry } from "../../src/app/history.ts";
import { Home } from "../../src/app/home.ts";
import { run } from "../../src/cli/run.ts";
import { width } from "../../src/cli/report/lists.ts";
import type { FetchOptions, ShareOptions } from "../../src/engine/mod.ts";
import { fakeFetch, fakeShare } from "./fake_share.ts";
import { CliFixture, type FakeOptions, TICKET } from "./cli_fixture.ts";

const ENTRY: NewEntry = {
  kind: "sent",
  title: "holiday",
  files: 12,
  bytes: 34_100_000,
  missing: 0,
  notChosen: 0,
  endedAt: new Date(2021, 10, 22, 14, 3).getTime(),
  paths: ["/nowhere/at all/holiday"],
};

interface Case {
  folder: string;
  open(): Promise<History>;
  pli(line: string[], options?: FakeOptions): Promise<{ exit: number; fixture: CliFixture }>;
}

async function withHistory(entries: readonly Partial<NewEntry>[], use: (given: Case) => Promise<void>) {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  try {
    const path = join(folder, "home");
    const home = await Home.open((name) => name === "PLI_HOME" ? path : undefined);
    const open = () => History.open(home);
    if (entries.length > 0) {
      using history = await open();
      for (const entry of entries) history.add({ ...ENTRY, ...entry });
    }
    const pli = async (line: string[], options: FakeOptions = {}) => {
      const fixture = new CliFixture(path, options);
      return { exit: await run(line, fixture), fixture };
    };
    await use({ folder, open, pli });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const lines = (text: string) => text.trimEnd().split("\n");

Deno.test("history: a download without new files has the destination as its place", async () => {
  await withHistory(
    [{ kind: "received", title: "holiday", files: 0, bytes: 0, paths: ["/nowhere/at all"] }],
    async ({ pli }) => {
      const { fixture } = await pli(["history"]);
      match(fixture.output.text, /\/nowhere\/at all \(gone\)/);
    },
  );
});

Deno.test("history: lists what was sent and received, the newest first", async () => {
  await withHistory(
    [{}, { kind: "received", title: null, files: 2, bytes: 5, paths: [] }],
    async ({ pli, folder }) => {
      const { exit, fixture } = await pli(["history"]);
      strictEqual(exit, 0);
      deepStrictEqual(lines(fixture.output.text), [
        "   when                             what     files     size  where",
        "2  Nov 22, 2021, 2:03 PM  received  2 files      2  5 bytes",
        "1  Nov 22, 2021, 2:03 PM  sent      holiday     12  34.1 MB  /nowhere/at all (gone)",
      ]);
      match(fixture.error.text, /pli history --remove 2 removes the newest entry/);
      ok(!fixture.error.text.includes(folder));
    },
  );
});

Deno.test("history: its list is in the language of the terminal", async () => {
  await withHistory([{}, { kind: "received", title: null, paths: [] }], async ({ pli }) => {
    const { fixture } = await pli(["history"], { environment: { LANG: "fr_FR.UTF-8" } });
    const [head, newest, oldest] = lines(fixture.output.text);
    match(head, /^ +quand +quoi +fichiers +taille +où$/);
    match(newest, /^2 {2}22 nov\. 2021, 14:03 {2}reçu +12 fichiers +12 +34,1\sMo$/);
    match(oldest, /envoyé +holiday .*\/nowhere\/at all \(disparu\)$/);
    match(fixture.error.text, /pli history --remove 2 oublie/);
  });
});

Deno.test("history: a transfer of a part is listed as one, with its counts in JSON", async () => {
  const entries: Partial<NewEntry>[] = [
    { missing: 2 },
    { notChosen: 3 },
    { kind: "received", missing: 1, notChosen: 1 },
    {},
  ];
  await withHistory(entries, async ({ pli }) => {
    const { fixture } = await pli(["history"]);
    const kinds = lines(fixture.output.text).slice(1).map((line) => /PM {2}(.*?) {2}/.exec(line)?.[1]);
    deepStrictEqual(kinds, ["sent", "received in part", "sent in part", "sent in part"]);
    const french = await pli(["history"], { environment: { LANG: "fr_FR.UTF-8" } });
    match(lines(french.fixture.output.text)[2], /reçu en partie/);
    const counts = (await pli(["history", "--json"])).fixture.json();
    deepStrictEqual(counts.map(({ missing, notChosen }) => [missing, notChosen]), [
      [0, 0],
      [1, 1],
      [0, 3],
      [2, 0],
    ]);
  });
});

Deno.test("history: lists twenty with the number of others, and all with --all", async () => {
  await withHistory(Array.from({ length: 25 }, (_, bytes) => ({ bytes })), async ({ pli }) => {
    const some = await pli(["history"]);
    strictEqual(lines(some.fixture.output.text).length, 21);
    match(some.fixture.error.text, /pli history --all/);
    const all = await pli(["history", "--all"]);
    strictEqual(lines(all.fixture.output.text).length, 26);
    doesNotMatch(all.fixture.error.text, /--all/);
    strictEqual((await pli(["history", "--json"])).fixture.json().length, 20);
    deepStrictEqual(
      (await pli(["history", "--json", "--all"])).fixture.json().map(({ bytes }) => bytes)[24],
      0,
    );
  });
});

Deno.test("history: a JSON line has all fields", async () => {
  await withHistory([{ paths: ["/nowhere"] }], async ({ pli }) => {
    const { fixture } = await pli(["history", "--json"]);
    const { endedAt, ...entry } = { ...ENTRY, paths: ["/nowhere"] };
    deepStrictEqual(fixture.json(), [
      { v: 1, type: "entry", id: 1, ...entry, endedAtMs: endedAt, isThere: false },
    ]);
    strictEqual(fixture.error.text, "");
  });
});

Deno.test("history: every line fits its window, and names have no control characters", async () => {
  const title = `\x1b[31mred\u202e${"日本語のとても長い名前".repeat(5)}\nforged`;
  const paths = [`/home/${"deep/".repeat(30)}\x07bell/x`];
  await withHistory([{ title, paths }, { title: "a" }], async ({ pli }) => {
    for (const columns of [200, 100, 80, 72]) {
      const { fixture } = await pli(["history"], { isTerminal: true, columns });
      const shown = lines(fixture.output.text);
      strictEqual(shown.length, 3);
      for (const line of shown) ok(width(line) <= columns, `${width(line)} of ${columns}: ${line}`);
      // deno-lint-ignore no-control-regex
      doesNotMatch(fixture.output.text, /[\x00-\x09\x0b-\x1f\u202e]/);
      match(fixture.output.text, /\\u\{1b\}/);
    }
  });
});

Deno.test("history: reports an empty list", async () => {
  await withHistory([], async ({ pli }) => {
    const { exit, fixture } = await pli(["history"]);
    deepStrictEqual([exit, fixture.output.text], [0, ""]);
    match(fixture.error.text, /Nothing has been sent or received yet/);
    deepStrictEqual((await pli(["history", "--json"])).fixture.output.text, "");
  });
});

Deno.test("history: one that cannot be read is not reported as empty, and --clear reports what it removed", async () => {
  const damages: [string, (path: string) => void, RegExp, RegExp, object][] = [
    [
      "of a newer version",
      (path) => {
        using database = new DatabaseSync(path);
        database.exec("PRAGMA user_version = 99");
      },
      /written by a newer version of pli/,
      /^The history of a newer version of pli is removed\..*\n$/,
      { entries: 0, isNewer: true, setAside: 0 },
    ],
    [
      "damaged",
      (path) => Deno.writeTextFileSync(path, "garbage".repeat(1_000)),
      /cannot be read\. It is kept as/,
      /^1 history that could not be read is removed\..*\n$/,
      { entries: 0, isNewer: false, setAside: 1 },
    ],
    [
      "with an invalid entry",
      (path) => {
        using database = new DatabaseSync(path);
        database.exec("UPDATE entries SET paths = 'x'");
      },
      /1 entry of the history cannot be read/,
      /^Removed from the history: 1 transfer\..*\n$/,
      { entries: 1, isNewer: false, setAside: 0 },
    ],
  ];
  for (const [what, damage, notice, cleared, counts] of damages) {
    await withHistory([{}], async ({ folder, pli }) => {
      const path = join(folder, "home", "history.db");
      damage(path);
      const { exit, fixture } = await pli(["history"]);
      deepStrictEqual([exit, fixture.output.text], [0, ""], what);
      match(fixture.error.text, notice);
      doesNotMatch(fixture.error.text, /Nothing has been sent/, what);
      match((await pli(["history", "--clear"])).fixture.error.text, cleared);
      match((await pli(["history"])).fixture.error.text, /^Nothing has been sent or received yet\.\n$/);
      damage(path);
      const [line] = (await pli(["history", "--clear", "--json"])).fixture.json();
      // The invalid entry has been removed before.
      const expected = what === "with an invalid entry" ? { ...counts, entries: 0 } : counts;
      deepStrictEqual(line, { v: 1, type: "cleared", ...expected }, what);
    });
  }
});

Deno.test("history: removes all named entries, or none if one is unknown", async () => {
  await withHistory([{}, {}, {}], async ({ pli, open }) => {
    const unknown = await pli(["history", "--remove", "2", "9"]);
    strictEqual(unknown.exit, 1);
    match(unknown.fixture.error.text, /no entry 9[^]*No entry was removed/);
    const { exit, fixture } = await pli(["history", "--remove", "2", "3", "--json"]);
    strictEqual(exit, 0);
    deepStrictEqual(fixture.json(), [
      { v: 1, type: "removed", id: 2, title: "holiday" },
      { v: 1, type: "removed", id: 3, title: "holiday" },
    ]);
    using history = await open();
    deepStrictEqual(history.before(null, 9).entries.map(({ id }) => id), [1]);
    const cleared = await pli(["history", "--clear"]);
    match(cleared.fixture.error.text, /Removed from the history: 1 transfer\./);
    deepStrictEqual(history.before(null, 9).entries, []);
  });
});

/** An engine whose shares are delivered at once. */
const delivers = {
  share: (options: ShareOptions) => {
    const share = fakeShare(options);
    options.onEvent({ type: "delivered", id: "07".repeat(32), files: 2, bytes: 3_000 });
    share.end("delivered");
    return Promise.resolve(share);
  },
};

Deno.test("history: sent and received files are recorded with their paths", async () => {
  await withHistory([], async ({ pli, open, folder }) => {
    const path = join(folder, "a.txt");
    await Deno.writeTextFile(path, "a");
    strictEqual((await pli(["send", path], { engine: delivers })).exit, 0);
    strictEqual((await pli(["send", "-", "--name", "in.txt"], { engine: delivers, input: "b" })).exit, 0);
    const fetches = { fetch: (options: FetchOptions) => fakeFetch(options) };
    strictEqual((await pli(["receive", "-o", join(folder, "in"), TICKET], { engine: fetches })).exit, 0);
    strictEqual((await pli(["receive", "-o", "-", TICKET], { engine: fetches })).exit, 0);
    using history = await open();
    const about = history.before(null, 9).entries.map(({ kind, title, files, bytes, paths }) => ({
      kind,
      title,
      files,
      bytes,
      paths,
    }));
    const amount = { files: 2, bytes: 3_000 };
    deepStrictEqual(about, [
      { kind: "received", title: "holiday", ...amount, paths: [] },
      { kind: "received", title: "holiday", ...amount, paths: [join(folder, "in", "holiday")] },
      { kind: "sent", title: "in.txt", ...amount, paths: [] },
      { kind: "sent", title: "a.txt", ...amount, paths: [path] },
    ]);
  });
});

Deno.test("history: an unwritable one stops no transfer, and is reported with -v only", async () => {
  await withHistory([], async ({ pli, open, folder }) => {
    await open().then((history) => history[Symbol.dispose]());
    using holder = new DatabaseSync(join(folder, "home", "history.db"));
    holder.exec("BEGIN EXCLUSIVE");
    const path = join(folder, "a.txt");
    await Deno.writeTextFile(path, "a");
    const quiet = await pli(["send", path], { engine: delivers });
    strictEqual(quiet.exit, 0);
    doesNotMatch(quiet.fixture.error.text, /history/);
    const verbose = await pli(["send", "-v", path], { engine: delivers });
    strictEqual(verbose.exit, 0);
    match(
      verbose.fixture.error.text,
      /The history has no entry for this transfer: pli cannot keep its own data at .*history\.db\./,
    );
  });
});

Deno.test("history: --limit reaches the engine, and an invalid one is reported first", async () => {
  await withHistory([], async ({ pli, folder }) => {
    const limits: (number | null | undefined)[] = [];
    const engine = {
      share: (options: ShareOptions) => {
        limits.push(options.limit?.bytesPerSecond);
        return delivers.share(options);
      },
      fetch: (options: FetchOptions) => {
        limits.push(options.limit?.bytesPerSecond);
        return fakeFetch(options);
      },
    };
    const path = join(folder, "a.txt");
    await Deno.writeTextFile(path, "a");
    const into = ["-o", join(folder, "in")];
    await pli(["send", path, "--limit", "5M"], { engine });
    await pli(["send", path], { engine });
    await pli(["receive", ...into, "--limit", "800k", TICKET], { engine });
    await pli(["receive", ...into, TICKET], { engine });
    deepStrictEqual(limits, [5e6, undefined, 800e3, undefined]);
    for (const line of [["send", path], ["receive", TICKET], ["resume"]]) {
      const { exit, fixture } = await pli([...line, "--limit", "fast"], { engine });
      strictEqual(exit, 2);
      match(
        fixture.error.text,
        /--limit cannot be fast\.\nIt takes bytes per second such as 800k, 5M or 1\.5G/,
      );
    }
    strictEqual(limits.length, 4);
  });
});
