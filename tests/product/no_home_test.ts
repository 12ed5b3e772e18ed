// Real processes with an unusable folder of pli: transfers run, nothing is stored, and one sentence reports that.

import assert from "node:assert/strict";
import { needing, NOT_LINUX, NOT_UNIX } from "../left_out.ts";
import { BY_MODES, NO_MODES } from "./by_modes.ts";
import { Bench, type RunningPli } from "./processes.ts";
import { noise } from "./trees.ts";

const LOCAL = ["--relay", "disabled"];
const isUnix = Deno.build.os !== "windows";

interface Case {
  name: string;
  reason: string;
  /** Prepares an unusable home. Resolves to the environment. */
  prepare: (bench: Bench) => Promise<Record<string, string>>;
}

const CASES: readonly Case[] = [
  {
    name: "no path for it is set",
    reason: "home_unknown",
    prepare: () => {
      const names = ["PLI_HOME", "HOME", "XDG_DATA_HOME", "LOCALAPPDATA"];
      return Promise.resolve(Object.fromEntries(names.map((name) => [name, ""])));
    },
  },
  {
    name: "a file is at its path",
    reason: "home_unusable",
    prepare: async (bench) => {
      await Deno.writeTextFile(bench.path("taken"), "");
      return { PLI_HOME: bench.path("taken", "home") };
    },
  },
  ...isUnix
    ? [{
      name: "others can write in it",
      reason: "home_shared",
      prepare: async (bench: Bench) => {
        await Deno.mkdir(bench.path("shared"));
        await Deno.chmod(bench.path("shared"), 0o1777);
        return { PLI_HOME: bench.path("shared") };
      },
    }]
    : [],
];

/** The parameters of the notices with a code. */
function noticesOf(pli: RunningPli, wanted: string): Record<string, unknown>[] {
  return pli.stdout.all.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line))
    .filter(({ type, code }) => type === "notice" && code === wanted)
    .map(({ parameters }) => parameters);
}

/** The reasons of the notices that nothing is stored. */
function reasons(pli: RunningPli): unknown[] {
  return noticesOf(pli, "nothing_remembered").map(({ reason }) => reason);
}

for (const { name, reason, prepare } of CASES) {
  Deno.test(`E.14 without a home (${name}): a file is sent, inspected and received, and one notice has the reason`, async () => {
    await using bench = await Bench.make();
    const env = await prepare(bench);
    await Deno.writeTextFile(bench.path("file"), "some text");
    const sender = bench.pli(["send", ...LOCAL, "file"], { env });
    const ticket = await sender.ticket();
    const reader = bench.pli(["inspect", ...LOCAL, "--remote", ticket], { env });
    assert.deepEqual([await reader.ended(), reasons(reader)], [0, []], reader.output);
    const receiver = bench.pli(["receive", ...LOCAL, "-o", bench.path("out/"), ticket], { env });
    assert.deepEqual([await receiver.ended(), await sender.ended()], [0, 0], receiver.output + sender.output);
    assert.equal(await Deno.readTextFile(bench.path("out", "file")), "some text");
    assert.deepEqual([reasons(sender), reasons(receiver)], [[reason], [reason]]);
    for (const command of ["resume", "history"]) {
      const pli = bench.pli([command], { env });
      assert.equal(await pli.ended(), 5, pli.output);
      assert.equal((await pli.event("error")).code, reason);
    }
    if (reason === "home_shared") assert.deepEqual([...Deno.readDirSync(env.PLI_HOME)], []);
  });
}

Deno.test("E.14 without a home: standard input is sent from the folder for temporary files", async () => {
  await using bench = await Bench.make();
  await Deno.writeTextFile(bench.path("taken"), "");
  await Deno.mkdir(bench.path("temporary"));
  const temporary = bench.path("temporary");
  const env = { PLI_HOME: bench.path("taken", "home"), TMPDIR: temporary, TEMP: temporary, TMP: temporary };
  const stdin = new TextEncoder().encode("some text");
  const sender = bench.pli(["send", ...LOCAL, "-", "--name", "note.txt"], { env, stdin });
  const receiver = bench.pli(["receive", ...LOCAL, "-o", bench.path("out/"), await sender.ticket()]);
  assert.deepEqual([await receiver.ended(), await sender.ended()], [0, 0], receiver.output + sender.output);
  assert.equal(await Deno.readTextFile(bench.path("out", "note.txt")), "some text");
  assert.deepEqual(reasons(sender), ["home_unusable"]);
  assert.deepEqual([...Deno.readDirSync(temporary)], []);
});

Deno.test("E.14 without a home: the page is served, and leaves no files", async () => {
  await using bench = await Bench.make();
  await Deno.writeTextFile(bench.path("taken"), "");
  await Deno.mkdir(bench.path("temporary"));
  const temporary = bench.path("temporary");
  const env = { PLI_HOME: bench.path("taken", "home"), TMPDIR: temporary, TEMP: temporary, TMP: temporary };
  const page = bench.pli(["ui", ...LOCAL], { env });
  const line = await page.stdout.first((text) => text.includes(`"listening"`) ? text : undefined);
  assert.ok(line, page.output);
  assert.equal((await fetch(new URL(JSON.parse(line).url).origin)).status, 200);
  assert.deepEqual(reasons(page), ["home_unusable"]);
  if (!isUnix) return;
  await page.stop("SIGTERM");
  assert.deepEqual([...Deno.readDirSync(temporary)], []);
});

Deno.test("E.14 without a home: an interrupted download is resumed by the same command, and that is the advice", async () => {
  await using bench = await Bench.make();
  await Deno.writeTextFile(bench.path("taken"), "");
  await Deno.writeFile(bench.path("file"), noise(4_000_000));
  const env = { PLI_HOME: bench.path("taken", "home") };
  const sender = bench.pli(["send", ...LOCAL, "--keep", "--limit", "2M", "file"]);
  const command = ["receive", ...LOCAL, "-o", bench.path("out/"), await sender.ticket()];
  const first = bench.pli(command, { env });
  await first.stdout.first((line) =>
    /"type":"progress"/.test(line) && JSON.parse(line).bytes > 1_500_000 ? line : undefined
  );
  first.process.kill("SIGTERM");
  assert.equal(await first.ended(), isUnix ? 143 : 1, first.output);
  if (isUnix) {
    const { advice } = await first.event("error");
    assert.match(advice, /^Run the same command again to go on; .* are kept/);
    assert.doesNotMatch(advice, /pli resume/);
  }
  const second = bench.pli(command, { env });
  assert.equal(await second.ended(), 0, second.output);
  assert.ok((await second.event("done")).resumedBytes > 0, second.output);
});

/** Writes files of a home that only another user may read, like those of a pli that was started with sudo. */
async function writeDenied(home: string, names: readonly string[]): Promise<void> {
  await Deno.mkdir(`${home}/downloads`, { recursive: true, mode: 0o700 });
  for (const name of names) {
    await Deno.writeTextFile(`${home}/${name}`, "{}");
    await Deno.chmod(`${home}/${name}`, 0);
  }
}

const RECORD = `downloads/${"a".repeat(64)}`;

Deno.test({
  ...needing(
    "E.23 unreadable files of pli are set aside, and the page starts",
    NOT_LINUX,
    NO_MODES,
  ),
  fn: async () => {
    await using bench = await Bench.make();
    const home = bench.path("home");
    const denied = ["desk.json", "settings.json", `${RECORD}.json`];
    await writeDenied(home, denied);
    const page = bench.pli(["ui", ...LOCAL], { home, wrapper: BY_MODES });
    const line = await page.stdout.first((text) => text.includes(`"listening"`) ? text : undefined);
    assert.ok(line, page.output);
    assert.deepEqual(
      noticesOf(page, "file_set_aside").map(({ path }) => path).sort(),
      denied.map((name) => `${home}/${name}`).sort(),
    );
    assert.deepEqual(reasons(page), []);
  },
});

Deno.test({
  ...needing("E.23 the page starts without a home if its lock cannot be opened", NOT_LINUX, NO_MODES),
  fn: async () => {
    await using bench = await Bench.make();
    const home = bench.path("home");
    await writeDenied(home, ["page.lock"]);
    const page = bench.pli(["ui", ...LOCAL], { home, wrapper: BY_MODES });
    const line = await page.stdout.first((text) => text.includes(`"listening"`) ? text : undefined);
    assert.ok(line, page.output);
    assert.deepEqual(reasons(page), ["home_denied"]);
    // A kill would leave its home in the folder for temporary files.
    await page.stop("SIGTERM");
  },
});

Deno.test({
  ...needing("E.23 a record whose lock cannot be opened does not hide the others", NOT_LINUX, NO_MODES),
  fn: async () => {
    await using bench = await Bench.make();
    const home = bench.path("home");
    await writeDenied(home, [`${RECORD}.lock`]);
    await Deno.writeTextFile(`${home}/${RECORD}.json`, "{}");
    // As old as the records that are removed.
    await Deno.utime(`${home}/${RECORD}.json`, 0, 0);
    const list = bench.pli(["resume"], { home, wrapper: BY_MODES });
    assert.equal(await list.ended(), 0, list.output);
  },
});

Deno.test({
  ...needing("E.14 spool: the spool of a killed send is removed by the next command of any kind", NOT_UNIX),
  fn: async () => {
    await using bench = await Bench.make();
    const stdin = new TextEncoder().encode("some text");
    const home = bench.path("home");
    const sender = bench.pli(["send", ...LOCAL, "-", "--name", "note.txt"], { home, stdin });
    await sender.ticket();
    await sender.stop("SIGKILL");
    const names = () => [...Deno.readDirSync(`${home}/spool`)].map(({ name }) => name);
    assert.equal(names().length, 2, "its folder and its lock");
    const next = bench.pli(["history"], { home });
    assert.equal(await next.ended(), 0, next.output);
    assert.deepEqual(names(), []);
  },
});
