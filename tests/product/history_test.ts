// Two real pli processes: the history of both has their transfers, and a rate limit applies.

import assert from "node:assert/strict";
import { join } from "node:path";
import { History } from "../../src/app/history.ts";
import { Home } from "../../src/app/home.ts";
import { needing, NOT_LINUX } from "../left_out.ts";
import { atMost, eventually } from "../time_limits.ts";
import { BY_MODES, NO_MODES } from "./by_modes.ts";
import { Bench, type RunningPli } from "./processes.ts";
import { freePort } from "./free_port.ts";
import { noise } from "./trees.ts";

const LOCAL = ["--relay", "disabled"];
const MB = 1_000_000;

/** Sends a file from one home and receives it in another; resolves to the receiver, at the end of both. */
async function transfer(
  bench: Bench,
  path: string,
  options: { send?: string[]; receive?: string[]; out?: string } = {},
): Promise<RunningPli> {
  const { send = [], receive = [], out = bench.path("out/") } = options;
  const sender = bench.pli(["send", ...LOCAL, ...send, path], { home: bench.path("alice") });
  const receiver = bench.pli(["receive", ...LOCAL, ...receive, "-o", out, await sender.ticket()], {
    home: bench.path("bob"),
  });
  assert.equal(await receiver.ended(), 0, receiver.output);
  assert.equal(await sender.ended(), 0, sender.output);
  return receiver;
}

async function historyOf(bench: Bench, home: string): Promise<Record<string, unknown>[]> {
  const pli = bench.pli(["history"], { home: bench.path(home) });
  assert.equal(await pli.ended(), 0, pli.output);
  return pli.stdout.all.map((line) => JSON.parse(line));
}

Deno.test("the history of both has sent and received files", async () => {
  await using bench = await Bench.make();
  const home = await Deno.realPath(bench.folder);
  await Deno.mkdir(bench.path("holiday"));
  for (const name of ["a", "b"]) await Deno.writeFile(bench.path("holiday", name), noise(50_000));
  const startMs = Date.now();
  await transfer(bench, "holiday");
  await transfer(bench, "holiday/a", { out: "-" });
  await transfer(bench, "holiday", { receive: ["--only", "holiday/b"], out: bench.path("part/") });
  for (
    const [name, kind, places] of [
      ["alice", "sent", [`${home}/holiday/a`, `${home}/holiday`]],
      ["bob", "received", [undefined, `${home}/out/holiday`]],
    ] as const
  ) {
    const [third, second, first, ...others] = await historyOf(bench, name);
    assert.deepEqual(others, []);
    const { kind: thirdKind, files: thirdFiles, missing: thirdMissing, notChosen } = third;
    assert.deepEqual([thirdKind, thirdFiles, thirdMissing, notChosen], [kind, 1, 0, 1]);
    for (const [index, entry, title, files] of [[0, second, "a", 1], [1, first, "holiday", 2]] as const) {
      const { v, type, paths, isThere, endedAtMs, bytes, ...about } = entry;
      assert.deepEqual([v, type, bytes], [1, "entry", files * 50_000]);
      assert.deepEqual(about, { id: 2 - index, kind, title, files, missing: 0, notChosen: 0 });
      const [place] = await Promise.all((paths as string[]).map((path) => Deno.realPath(path)));
      assert.deepEqual([place, isThere], [places[index], places[index] !== undefined]);
      assert.ok(Number(endedAtMs) >= startMs && Number(endedAtMs) <= Date.now());
    }
  }
});

/** Writes a history of one entry into a folder for PLI_HOME; with `hasLog` the entry is in the log alone. */
async function writeHistory(path: string, hasLog: boolean): Promise<void> {
  const made = await Deno.makeTempDir();
  try {
    const home = await Home.open((name) => name === "PLI_HOME" ? made : undefined);
    const history = await History.open(home);
    history.add({
      kind: "sent",
      title: "holiday",
      files: 2,
      bytes: 3_000,
      missing: 0,
      notChosen: 0,
      endedAt: 0,
      paths: ["/srv/holiday"],
    });
    if (!hasLog) history[Symbol.dispose]();
    await Deno.mkdir(path, { mode: 0o700 });
    for (const name of ["history.db", ...(hasLog ? ["history.db-wal"] : [])]) {
      await Deno.copyFile(join(made, name), join(path, name));
    }
    history[Symbol.dispose]();
  } finally {
    await Deno.remove(made, { recursive: true });
  }
}

async function snapshot(path: string): Promise<unknown[]> {
  const names = [...Deno.readDirSync(path)].map(({ name }) => name).sort();
  return await Promise.all(names.map(async (name) => [
    name,
    (await Deno.stat(join(path, name))).mode,
    await Deno.readFile(join(path, name)),
  ]));
}

for (
  const { what, hasLog, modes } of [
    { what: "its file", hasLog: false, modes: { "history.db": 0o444 } },
    { what: "its folder", hasLog: false, modes: { ".": 0o500 } },
    {
      what: "all, with a log",
      hasLog: true,
      modes: { "history.db": 0o400, "history.db-wal": 0o400, ".": 0o500 },
    },
    { what: "a folder without a history", hasLog: null, modes: { ".": 0o500 } },
  ]
) {
  Deno.test({
    ...needing(
      `E.23 a history that can only be read is listed and not changed: ${what}`,
      NOT_LINUX,
      NO_MODES,
    ),
    fn: async () => {
      await using bench = await Bench.make();
      const home = bench.path("home");
      if (hasLog === null) await Deno.mkdir(home, { mode: 0o700 });
      else await writeHistory(home, hasLog);
      for (const [name, mode] of Object.entries(modes)) await Deno.chmod(join(home, name), mode);
      const before = await snapshot(home);
      const TMPDIR = bench.path("temporary");
      await Deno.mkdir(TMPDIR);
      const pli = (...line: string[]) =>
        bench.pli(["history", ...line], { home, wrapper: BY_MODES, env: { TMPDIR } });
      const list = pli();
      assert.equal(await list.ended(), 0, list.output);
      const titles = list.stdout.all.map((line) => JSON.parse(line)).map(({ title }) => title);
      assert.deepEqual(titles, hasLog === null ? [] : ["holiday"]);
      for (const line of [["--clear"], ["--remove", "1"]]) {
        const refused = pli(...line);
        assert.equal(await refused.ended(), 5, refused.output);
        const { code, parameters } = await refused.event("error");
        assert.deepEqual([code, parameters], ["home_read_only", {
          path: hasLog === null ? home : join(home, "history.db"),
        }]);
      }
      assert.deepEqual(await snapshot(home), before);
      assert.deepEqual([...Deno.readDirSync(TMPDIR)], []);
      // The bench removes it.
      await Deno.chmod(home, 0o700);
    },
  });
}

for (const side of ["send", "receive"] as const) {
  Deno.test(`8 MB with ${side} --limit 2M take four seconds`, async () => {
    await using bench = await Bench.make();
    await Deno.writeFile(bench.path("file"), noise(8 * MB));
    const receiver = await transfer(bench, "file", { [side]: ["--limit", "2M"] });
    const done = await receiver.event("done");
    assert.ok(done.seconds > 3 && done.seconds * 1000 < atMost(5_000), `${done.seconds} s`);
    // And progress is steady.
    assert.ok(receiver.events.filter(({ type }) => type === "progress").length >= 6);
    assert.ok(receiver.events.every(({ type }) => type !== "error"));
    assert.equal((await historyOf(bench, "alice")).length, 1);
  });
}

Deno.test("a page without a home reports unfinished transfers at its end", async () => {
  await using bench = await Bench.make();
  await Deno.writeFile(bench.path("file"), noise(8 * MB));
  const sender = bench.pli(["send", ...LOCAL, "--keep", "--limit", "1M", "file"]);
  const ticket = await sender.ticket();
  const page = bench.pli(["ui", ...LOCAL, "--separate", "--port", `${freePort()}`]);
  const line = await page.stdout.first((text) => text.includes("listening") ? JSON.parse(text) : undefined);
  const { origin, hash } = new URL(line.url);
  let token = "";
  const call = async (method: string, path: string, body?: object) => {
    const headers = {
      "Content-Type": "application/json",
      "Origin": origin,
      "Authorization": `Bearer ${token}`,
    };
    const answer = await fetch(origin + path, { method, headers, body: body && JSON.stringify(body) });
    assert.ok(answer.ok, `${path}: ${answer.status}`);
    return await answer.json();
  };
  ({ token } = await call("POST", "/api/session", { code: hash.slice(1) }));
  const folder = bench.path("out");
  await call("POST", "/api/downloads", { ticket, folder, existing: "merge", only: null, consents: false });
  const doneBytes = async () => (await call("GET", "/api/state")).downloads[0]?.doneBytes ?? 0;
  await eventually(async () => await doneBytes() >= 2.5 * MB, "the download goes on");
  page.process.kill("SIGINT");
  assert.equal(await page.ended(), 130, page.output);
  const reported = page.stdout.all.map((text) => JSON.parse(text)).find(({ type }) => type === "download");
  assert.ok(reported !== undefined, page.output);
  assert.deepEqual([reported.title, reported.folder, reported.isRunning], ["file", folder, false]);
  // And its advice: receiving again continues.
  const receiver = bench.pli(["receive", ...LOCAL, "-o", `${folder}/`, ticket]);
  const checking = await receiver.event("checking");
  assert.ok(checking.bytes > 0);
  await receiver.stop("SIGINT");
  await sender.stop("SIGINT");
});

Deno.test("an invalid --limit is refused with its valid forms", async () => {
  await using bench = await Bench.make();
  const sender = bench.pli(["send", "--limit", "5 Mbit", "file"]);
  assert.equal(await sender.ended(), 2);
  const [error] = sender.events;
  assert.ok(error.type === "error" && error.code === "option_value_invalid");
  assert.match(error.advice, /800k, 5M or 1\.5G/);
});

Deno.test("a page with a transient home leaves no files, also when it is ended at once", async () => {
  await using bench = await Bench.make();
  const TMPDIR = bench.path("temporary");
  await Deno.mkdir(TMPDIR);
  const page = bench.pli(["ui", ...LOCAL, "--separate", "--port", `${freePort()}`], { env: { TMPDIR } });
  await page.stdout.first((text) => text.includes("listening") || undefined);
  assert.equal([...Deno.readDirSync(TMPDIR)].length, 1);
  // The second signal skips the clean-up.
  page.process.kill("SIGTERM");
  page.process.kill("SIGTERM");
  assert.equal(await page.ended(), 143, page.output);
  assert.deepEqual([...Deno.readDirSync(TMPDIR)], []);
});
