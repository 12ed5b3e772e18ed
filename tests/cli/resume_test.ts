import { deepStrictEqual, match, ok, strictEqual } from "node:assert";
import { join } from "node:path";
import { beginDownload } from "../../src/app/downloads.ts";
import { Home } from "../../src/app/home.ts";
import { type DiscardOptions, type FetchOptions, formatTicket, PliError } from "../../src/engine/mod.ts";
import { fakeFetch, OFFER } from "./fake_share.ts";
import { type FakeOptions, FakeWorld, inWorld, TICKET } from "./fake_world.ts";
import { run } from "../../src/cli/run.ts";

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
  /** Runs pli and gives its exit code and its world. */
  pli(line: string[], options?: FakeOptions): Promise<{ exit: number; world: FakeWorld }>;
  keys(): string[];
}

/** A home with two interrupted downloads, `holiday` and `work`, and an engine that brings what it is asked for. */
async function withTwo(use: (given: Case) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "home");
    const home = await Home.open((name) => name === "PLI_HOME" ? path : undefined);
    for (const [ticket, hash, name] of [[TICKET, "09", "holiday"], [OTHER_TICKET, "06", "work"]]) {
      const target = { ticket, folder: join(folder, name), existing: "skip" as const, only: ["*.jpg"] };
      using download = await beginDownload(home, target, null);
      const files = OFFER.files.map((file) => ({ ...file, name: file.name.replace("holiday", name) }));
      await download.accepted({ ...OFFER, files, consents: [{ name: ".a", reason: "dot_file" }] });
      await Deno.mkdir(join(target.folder, `.pli-${hash.repeat(8)}`), { recursive: true });
      download.arrived(1_500);
      await download.interrupted();
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
      const world = new FakeWorld(path, { ...options, engine: { ...engine, ...options.engine } });
      return { exit: await run(["resume", ...line], world), world };
    };
    const keys = () => [...Deno.readDirSync(join(path, "downloads"))].map(({ name }) => name);
    await use({ home: path, folder, fetched, discarded, pli, keys });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("resume: lists what was interrupted, numbered", async () => {
  await withTwo(async ({ pli, folder }) => {
    const { exit, world } = await pli([]);
    strictEqual(exit, 0);
    const lines = world.output.text.replaceAll(folder, "DIR").trimEnd().split("\n");
    match(lines[0], /^ +what +here +sender +folder +last moved$/);
    match(
      lines[1],
      /^1 {2}holiday, 2 files {2}1\.5 kB of 3\.0 kB {2}0707070707 {2}DIR\/holiday {2}\d{1,2}:\d\d [AP]M$/,
    );
    match(lines[2], /^2 {2}work, 2 files {5}1\.5 kB of 3\.0 kB {2}0808080808 {2}DIR\/work {5}\d/);
    strictEqual(lines.length, 3);
    match(world.error.text, /pli resume 1 goes on/);
  });
});

Deno.test("resume: lists for programs, without the ticket", async () => {
  await withTwo(async ({ pli, folder }) => {
    const { world } = await pli(["--json"]);
    const [{ startedAtMs, updatedAtMs, ...first }, second] = world.json();
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
    });
    ok(typeof startedAtMs === "number" && typeof updatedAtMs === "number");
    strictEqual(second.number, 2);
    strictEqual(world.error.text, "");
  });
});

Deno.test("resume: says when there is nothing", async () => {
  for (const line of [[], ["--all"], ["--all", "--discard"]]) {
    await inWorld(["resume", ...line], {}, (exit, world) => {
      strictEqual(exit, 0);
      strictEqual(world.output.text, "");
      match(world.error.text, /There is no unfinished download/);
    });
  }
});

Deno.test("resume: goes on with one as it was begun, and forgets it then", async () => {
  for (const which of ["1", "holi", "0707"]) {
    await withTwo(async ({ pli, folder, fetched, keys }) => {
      const { exit, world } = await pli([which, "--relay", "disabled", "--give-up", "5m"]);
      strictEqual(exit, 0, world.error.text);
      strictEqual(fetched.length, 1);
      const [{ ticket, destination, only, relay, patience }] = fetched;
      strictEqual(ticket, TICKET);
      deepStrictEqual(destination, { kind: "folder", folder: join(folder, "holiday"), existing: "skip" });
      deepStrictEqual(["a.jpg", "a.png"].map(only!), [true, false]);
      strictEqual(relay, "disabled");
      deepStrictEqual(patience, { firstMs: 300_000, laterMs: 300_000 });
      strictEqual(world.output.text, `${join(folder, "holiday", "holiday")}\n`);
      strictEqual(keys().length, 1);
    });
  }
});

Deno.test("resume: what was consented to is not asked for again, anything else is", async () => {
  await withTwo(async ({ pli }) => {
    const offering = (name: string) => ({
      fetch: (options: FetchOptions) =>
        fakeFetch(options, { ...OFFER, consents: [{ name, reason: "dot_file" as const }] }),
    });
    strictEqual((await pli(["1"], { engine: offering(".other") })).exit, 2);
    strictEqual((await pli(["1"], { engine: offering(".a") })).exit, 0);
  });
});

Deno.test("resume: goes on with all, and one that fails does not keep the others", async () => {
  await withTwo(async ({ pli, fetched, keys }) => {
    const fetch = (options: FetchOptions) => {
      fetched.push(options);
      if (options.ticket === OTHER_TICKET) return fakeFetch(options);
      return Promise.reject(new PliError("peer_unreachable", { id: "07".repeat(32) }));
    };
    const { exit, world } = await pli(["--all"], { engine: { fetch } });
    strictEqual(exit, 3);
    strictEqual(fetched.length, 2);
    match(world.error.text, /could not be reached\.\nCheck that .*1\.5 kB are kept\.\nGoing on with work/);
    strictEqual(keys().length, 1);
  });
});

Deno.test("resume: discards what is named, and nothing else", async () => {
  await withTwo(async ({ pli, folder, discarded, keys }) => {
    const { exit, world } = await pli(["--discard", "2"]);
    strictEqual(exit, 0, world.error.text);
    deepStrictEqual(discarded, [{ ticket: OTHER_TICKET, folder: join(folder, "work") }]);
    match(world.error.text, /Discarded: work/);
    strictEqual(keys().length, 1);
    const { world: rest } = await pli(["--discard", "--all", "--json"]);
    deepStrictEqual(rest.json().map(({ type, title }) => [type, title]), [
      ["download", "holiday"],
      ["discarded", "holiday"],
    ]);
    deepStrictEqual(keys(), []);
  });
});

Deno.test("resume: what is not there, or not the only one, is told", async () => {
  await withTwo(async ({ pli, fetched }) => {
    const cases: [string[], number, RegExp][] = [
      [["3"], 1, /No unfinished download has the number 3/],
      [["x"], 1, /Run pli resume to see/],
      [["0"], 2, /Several unfinished downloads begin with 0: 1 and 2\./],
      [["--discard"], 2, /What to discard was not said/],
    ];
    for (const [line, code, words] of cases) {
      const { exit, world } = await pli(line);
      strictEqual(exit, code);
      match(world.error.text, words);
    }
    deepStrictEqual(fetched, []);
  });
});

Deno.test("resume: one that another process works on is shown as running, and left alone", async () => {
  await withTwo(async ({ home: path, folder, pli, fetched }) => {
    const home = await Home.open((name) => name === "PLI_HOME" ? path : undefined);
    const target = { ticket: TICKET, folder: join(folder, "holiday"), existing: "merge" as const, only: [] };
    using _ = await beginDownload(home, target, null);
    match((await pli([])).world.output.text, /holiday, 2 files {2}running, at least 1\.5 kB/);
    const { exit, world } = await pli(["1"]);
    strictEqual(exit, 1);
    match(world.error.text, /Another pli is receiving this into .*holiday already/);
    const all = await pli(["--all"]);
    strictEqual(all.exit, 0);
    match(all.world.error.text, /holiday: another pli is receiving this/);
    deepStrictEqual(fetched.map(({ ticket }) => ticket), [OTHER_TICKET]);
    strictEqual((await pli(["--discard", "1"])).exit, 1);
  });
});

Deno.test("resume: a title cannot drive the terminal, or break the table", async () => {
  await withTwo(async ({ home, pli }) => {
    for (const { name } of Deno.readDirSync(join(home, "downloads"))) {
      const path = join(home, "downloads", name);
      const text = Deno.readTextFileSync(path).replace('"holiday"', '"\\u001b[2J\\n' + "x".repeat(60) + '"');
      Deno.writeTextFileSync(path, text);
    }
    const { world } = await pli([]);
    match(world.output.text, /\n1 {2}\\u\{1b\}\[2J\\u\{a\}x{34}…, 2 files {2}/);
    strictEqual(world.output.text.split("\n").length, 4);
  });
});
