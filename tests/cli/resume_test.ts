import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { join } from "node:path";
import { openDownload } from "../../src/app/transfers/open_download.ts";
import { Home } from "../../src/app/home.ts";
import {
  type DiscardOptions,
  type FetchOptions,
  formatTicket,
  parseTicket,
  PliError,
} from "../../src/engine/mod.ts";
import { fakeFetch, OFFER } from "./fake_share.ts";
import { CliFixture, type FakeOptions, TICKET, withFixture } from "./cli_fixture.ts";
import { run } from "../../src/cli/run.ts";
import { downloadTable, type Numbered, width } from "../../src/cli/report/lists.ts";
import { ENGLISH } from "../../src/cli/words.ts";

const OTHER_TICKET = formatTicket({
  endpointId: new Uint8Array(32).fill(8),
  relayUrl: "https://relay.example.org/",
  addresses: [],
  format: "hash_sequence",
  hash: new Uint8Array(32).fill(6),
});

interface Case {
  home: string;
  folder: string;
  fetched: FetchOptions[];
  discarded: DiscardOptions[];
  /** Runs pli and returns its exit code and its fixture. */
  pli(line: string[], options?: FakeOptions): Promise<{ exit: number; fixture: CliFixture }>;
  keys(): string[];
}

/** A home with two interrupted downloads, `holiday` and `work`, and an engine that delivers what is requested. */
async function withTwo(use: (given: Case) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "home");
    const home = await Home.open((name) => name === "PLI_HOME" ? path : undefined);
    for (const [ticket, hash, name] of [[TICKET, "09", "holiday"], [OTHER_TICKET, "06", "work"]]) {
      const target = {
        ticket: parseTicket(ticket),
        folder: join(folder, name),
        existing: "skip" as const,
        only: ["*.jpg"],
      };
      using download = await openDownload(home, target, null);
      const files = Array.from(
        OFFER.files,
        (file) => ({ ...file, name: file.name.replace("holiday", name) }),
      );
      await download.accepted({
        ...OFFER,
        files,
        consents: [{ name: ".a", reason: "dot_file", places: 1, files: 1 }],
      });
      await Deno.mkdir(join(target.folder, `.pli-${hash.repeat(8)}`), { recursive: true });
      download.begun(() => 1_500);
      download.follow({ type: "progress", bytes: 1_500, total: 3_000, files: 0 });
      await download.interrupted(null);
    }
    const fetched: FetchOptions[] = [];
    const discarded: DiscardOptions[] = [];
    const engine = {
      fetch: (options: FetchOptions) => {
        fetched.push(options);
        return fakeFetch(options);
      },
      discard: (options: DiscardOptions) => {
        discarded.push(options);
        return Promise.resolve();
      },
    };
    const pli = async (line: string[], options: FakeOptions = {}) => {
      const fixture = new CliFixture(path, { ...options, engine: { ...engine, ...options.engine } });
      return { exit: await run(["resume", ...line], fixture), fixture };
    };
    const keys = () => [...Deno.readDirSync(join(path, "downloads"))].map(({ name }) => name);
    await use({ home: path, folder, fetched, discarded, pli, keys });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("resume: lists interrupted downloads with numbers", async () => {
  await withTwo(async ({ pli, folder }) => {
    const { exit, fixture } = await pli([]);
    strictEqual(exit, 0);
    const lines = fixture.output.text.replaceAll(folder, "DIR").trimEnd().split("\n");
    match(lines[0], /^ +what +files +received +sender +folder +last progress$/);
    match(
      lines[1],
      /^1 {2}holiday {6}2 {2}1\.5 kB of 3\.0 kB {2}0707070707 {2}DIR[\\/]holiday {2}\d{1,2}:\d\d [AP]M$/,
    );
    match(lines[2], /^2 {2}work {9}2 {2}1\.5 kB of 3\.0 kB {2}0808080808 {2}DIR[\\/]work {5}\d/);
    strictEqual(lines.length, 3);
    match(fixture.error.text, /pli resume 1 continues/);
  });
});

Deno.test("resume: the table is aligned by the width of characters, and truncated to the window", () => {
  const [first, second] = ["日本語のファイル名がここに続いている", "plain"].map((title, at): Numbered => ({
    number: at + 1,
    ticket: parseTicket(TICKET),
    title,
    otherNames: 0,
    folder: `/home/user/downloads/deep/down/${at}`,
    existing: "merge",
    only: [],
    files: 12,
    bytes: 3_000,
    receivedBytes: 1_500,
    isExact: true,
    isRunning: false,
    startedAtMs: 0,
    updatedAtMs: 0,
    lostFiles: 0,
    lostNames: [],
  }));
  for (const columns of [80, 100, 200]) {
    const lines = downloadTable([first, second], ENGLISH, columns);
    ok(Math.max(...lines.map(width)) <= columns, lines.join("\n"));
    const starts = lines.slice(1).map((line) => width(line.slice(0, line.indexOf("07070"))));
    strictEqual(starts[0], starts[1], lines.join("\n"));
  }
  match(downloadTable([first], ENGLISH, 80)[1], /^1 {2}日本.*… +12 .*….*down\/0 /);
  match(
    downloadTable([first], ENGLISH, null)[1],
    /^1 {2}日本語のファイル名がここに続いている {5}12 .* \/home\/user\//,
  );
});

Deno.test("resume: JSON lines of the list have no ticket", async () => {
  await withTwo(async ({ pli, folder }) => {
    const { fixture } = await pli(["--json"]);
    const [{ startedAtMs, updatedAtMs, ...first }, second] = fixture.json();
    deepStrictEqual(first, {
      v: 1,
      type: "download",
      number: 1,
      title: "holiday",
      otherNames: 0,
      files: 2,
      bytes: 3_000,
      receivedBytes: 1_500,
      isExact: true,
      isRunning: false,
      folder: join(folder, "holiday"),
      existing: "skip",
      only: ["*.jpg"],
      sender: "07".repeat(32),
      lostFiles: 0,
      lostNames: [],
    });
    ok(typeof startedAtMs === "number" && typeof updatedAtMs === "number");
    strictEqual(second.number, 2);
    strictEqual(fixture.error.text, "");
  });
});

Deno.test("resume: reports an empty list", async () => {
  for (const line of [[], ["--all"], ["--all", "--discard"]]) {
    await withFixture(["resume", ...line], {}, (exit, fixture) => {
      strictEqual(exit, 0);
      strictEqual(fixture.output.text, "");
      match(fixture.error.text, /There is no unfinished download/);
    });
  }
});

Deno.test("resume: resumes a download with its options, and then removes its record", async () => {
  for (const which of ["1", "holi", "0707"]) {
    await withTwo(async ({ pli, folder, fetched, keys }) => {
      const { exit, fixture } = await pli([which, "--relay", "disabled", "--give-up", "5m"]);
      strictEqual(exit, 0, fixture.error.text);
      strictEqual(fetched.length, 1);
      const [{ ticket, destination, only, relay, waitLimits }] = fetched;
      strictEqual(formatTicket(ticket), TICKET);
      deepStrictEqual(destination, { kind: "folder", folder: join(folder, "holiday"), existing: "skip" });
      deepStrictEqual(["a.jpg", "a.png"].map(only!), [true, false]);
      strictEqual(relay, "disabled");
      deepStrictEqual(waitLimits, { firstMs: 300_000, laterMs: 300_000 });
      strictEqual(fixture.output.text, `${join(folder, "holiday", "holiday")}\n`);
      strictEqual(keys().length, 1);
    });
  }
});

Deno.test("resume: an earlier consent is not asked for again, a new one is", async () => {
  await withTwo(async ({ pli }) => {
    const offering = (name: string) => ({
      fetch: (options: FetchOptions) =>
        fakeFetch(options, {
          ...OFFER,
          consents: [{ name, reason: "dot_file" as const, places: 1, files: 1 }],
        }),
    });
    strictEqual((await pli(["1"], { engine: offering(".other") })).exit, 2);
    strictEqual((await pli(["1"], { engine: offering(".a") })).exit, 0);
  });
});

Deno.test("resume: resumes all, also after one of them has failed", async () => {
  await withTwo(async ({ pli, fetched, keys }) => {
    const fetch = (options: FetchOptions) => {
      fetched.push(options);
      if (formatTicket(options.ticket) === OTHER_TICKET) return fakeFetch(options);
      return Promise.reject(new PliError("peer_unreachable", { id: "07".repeat(32) }));
    };
    const { exit, fixture } = await pli(["--all"], { engine: { fetch } });
    strictEqual(exit, 3);
    strictEqual(fetched.length, 2);
    match(fixture.error.text, /could not be reached\.\nCheck that .*1\.5 kB are kept\.\nContinuing work/);
    strictEqual(keys().length, 1);
  });
});

Deno.test("resume: discards the named downloads, and no others", async () => {
  await withTwo(async ({ pli, folder, discarded, keys }) => {
    const { exit, fixture } = await pli(["--discard", "2"]);
    strictEqual(exit, 0, fixture.error.text);
    deepStrictEqual(discarded, [{ ticket: parseTicket(OTHER_TICKET), folder: join(folder, "work") }]);
    match(fixture.error.text, /Discarded: work/);
    strictEqual(keys().length, 1);
    const { fixture: rest } = await pli(["--discard", "--all", "--json"]);
    deepStrictEqual(rest.json().map(({ type, title }) => [type, title]), [
      ["download", "holiday"],
      ["discarded", "holiday"],
    ]);
    deepStrictEqual(keys(), []);
  });
});

Deno.test("resume: an unknown or ambiguous download is reported", async () => {
  await withTwo(async ({ pli, fetched }) => {
    const cases: [string[], number, RegExp][] = [
      [["3"], 1, /No unfinished download has the number 3/],
      [["x"], 1, /Run pli resume to see/],
      [["0"], 2, /Several unfinished downloads begin with 0: 1 and 2\./],
      [["--discard"], 2, /--discard needs the number of a download/],
    ];
    for (const [line, code, words] of cases) {
      const { exit, fixture } = await pli(line);
      strictEqual(exit, code);
      match(fixture.error.text, words);
    }
    deepStrictEqual(fetched, []);
  });
});

Deno.test("resume: a download of another process is shown as running, and not touched", async () => {
  await withTwo(async ({ home: path, folder, pli, fetched }) => {
    const home = await Home.open((name) => name === "PLI_HOME" ? path : undefined);
    const target = {
      ticket: parseTicket(TICKET),
      folder: join(folder, "holiday"),
      existing: "merge" as const,
      only: [],
    };
    using _ = await openDownload(home, target, null);
    match((await pli([])).fixture.output.text, /holiday {6}2 {2}running, at least 1\.5 kB/);
    const { exit, fixture } = await pli(["1"]);
    strictEqual(exit, 1);
    match(fixture.error.text, /Another pli is receiving this into .*holiday already/);
    const all = await pli(["--all"]);
    strictEqual(all.exit, 0);
    match(all.fixture.error.text, /holiday: another pli is receiving this/);
    deepStrictEqual(fetched.map(({ ticket }) => formatTicket(ticket)), [OTHER_TICKET]);
    strictEqual((await pli(["--discard", "1"])).exit, 1);
  });
});

Deno.test("resume: a title has no control characters, and keeps the table aligned", async () => {
  await withTwo(async ({ home, pli }) => {
    for (const { name } of Deno.readDirSync(join(home, "downloads"))) {
      const path = join(home, "downloads", name);
      const text = Deno.readTextFileSync(path).replace('"holiday"', '"\\u001b[2J\\n' + "x".repeat(60) + '"');
      Deno.writeTextFileSync(path, text);
    }
    const { fixture } = await pli([]);
    match(fixture.output.text, /\n1 {2}\\u\{1b\}\[2J\\u\{a\}x{60} {6}2 {2}/);
    strictEqual(fixture.output.text.split("\n").length, 4);
  });
});

Deno.test("E.6 resume: a download with lost files is marked as such, until it is complete or discarded", async () => {
  await withTwo(async ({ pli, folder }) => {
    const lost = [{ name: "holiday/b.jpg", bytes: 2_000 }];
    const fetch = async (options: FetchOptions) => {
      options.onEvent({ type: "source_lost", name: "holiday/b.jpg" });
      return { ...await fakeFetch(options), files: 1, bytes: 1_000, lost, lostFiles: 1, keptBytes: 1_200 };
    };
    const { exit } = await pli(["1"], { engine: { fetch } });
    strictEqual(exit, 7);
    const listed = await pli([]);
    const [, first] = listed.fixture.output.text.replaceAll(folder, "DIR").split("\n");
    match(first, /^1 {2}holiday {6}1 {2}1\.2 kB of 2\.0 kB/);
    match(
      listed.fixture.error.text,
      /^1: the sender cannot send holiday\/b\.jpg any more, because of a change or a removal there\./m,
    );
    const [line] = (await pli(["--json"])).fixture.json();
    strictEqual(line.lostFiles, 1);
    deepStrictEqual(line.lostNames, ["holiday/b.jpg"]);
    strictEqual((await pli(["1"])).exit, 0);
    match((await pli([])).fixture.output.text, /^1 {2}work/m);
  });
});
