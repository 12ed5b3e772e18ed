// The previous version and this one, as real processes, both as bundles: transfers between them in both directions, and
// this one with the home of the previous one.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { needing, NO_ADDON } from "../left_out.ts";
import { Bench, type RunningPli } from "../product/processes.ts";
import { pliCommand, PROGRAM } from "../product/program.ts";
import { assertSameTree, below, mixedTree, noise, readTree, type Tree, writeTree } from "../product/trees.ts";
import { latestRelease, NO_PREVIOUS, NO_PREVIOUS_ADDON, PREVIOUS, previousCommand } from "./previous.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const MIB = 1024 * 1024;
const LOCAL = ["--relay", "disabled"];
/** A rate limit with which a transfer of the large file takes longer than its interruption. */
const SLOWLY = ["--limit", "4M"];
const TREE: Tree = { ...mixedTree(40), "large.bin": noise(3 * MIB + 1, 7) };
const LARGE: Tree = { "large.bin": noise(12 * MIB, 3), "small.bin": noise(700, 4) };
/** Maximum number of bytes in incomplete blocks of eight streams. */
const SOME_BLOCKS_BYTES = 8 * MIB;
/** The reason for ignoring tests of the stock binding; a bundle alone has no packages. */
const NO_STOCK = PROGRAM === null ? null : "the stock binding is a package, which a bundle does not have";

type Binding = "stock" | "native";
const BINDINGS: readonly Binding[] = ["stock", "native"];

/** One of the two versions, over a binding. */
interface Version {
  name: "previous" | "present";
  binding: Binding;
}

function missing({ name, binding }: Version): string | null {
  if (binding === "native") return name === "present" ? NO_ADDON : NO_PREVIOUS_ADDON ?? null;
  return name === "present" ? NO_STOCK : null;
}

/** The previous version and the present one in both directions, over each pair of bindings. */
const MEETINGS = BINDINGS.flatMap((previous) =>
  BINDINGS.flatMap((present): [sending: Version, receiving: Version][] => {
    const [old, now] = [
      { name: "previous", binding: previous } as const,
      { name: "present", binding: present } as const,
    ];
    return [[old, now], [now, old]];
  })
);

let built: Promise<readonly [string, ...string[]]> | undefined;

/** The command of the present version: the program under test, or the bundle with the packages of this checkout. */
function presentCommand(): Promise<readonly [string, ...string[]]> {
  return built ??= PROGRAM === null ? buildPresent() : Promise.resolve(pliCommand);
}

async function buildPresent(): Promise<[string, ...string[]]> {
  const bundle = `${ROOT}dist/versions/pli.js`;
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", `${ROOT}scripts/build.ts`, bundle],
    env: { DENO_NO_UPDATE_CHECK: "1" },
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  }).output();
  if (!success) throw new Error("the bundle cannot be built");
  return [Deno.execPath(), "run", "-A", "--no-check", "--no-prompt", "--no-remote", bundle];
}

/** Starts pli of a version with a home. */
type Start = (version: Version, home: string, ...args: string[]) => RunningPli;

async function withBench(test: (bench: Bench, start: Start) => Promise<void>): Promise<void> {
  const commands = { previous: await previousCommand(), present: await presentCommand() };
  await using bench = await Bench.make();
  await test(bench, ({ name, binding }, home, ...args) =>
    bench.pli(args, {
      home: bench.path(home),
      command: commands[name],
      env: { PLI_BINDING: binding },
    }));
}

function titleOf({ name, binding }: Version): string {
  return `${name} (${binding})`;
}

/** A test of two versions, ignored where one of them is missing. */
function pairTest(
  sentence: string,
  [sending, receiving]: [Version, Version],
  test: (bench: Bench, start: Start) => Promise<void>,
): void {
  const name = `F.7 ${titleOf(sending)} to ${titleOf(receiving)}: ${sentence}`;
  Deno.test({
    ...needing(name, NO_PREVIOUS, missing(sending), missing(receiving)),
    fn: () => withBench(test),
  });
}

async function endsWith(pli: RunningPli, exitCode: number): Promise<void> {
  assert.equal(await pli.ended(), exitCode, pli.output);
}

/** The exit code of a transfer that lost a file. The previous version has none for it, and receives nothing then. */
function exitOfLost({ name }: Version): number {
  return name === "previous" ? 4 : 7;
}

/** Resolves during a download, when a block of it is complete. */
async function middle(receiver: RunningPli): Promise<void> {
  await receiver.stdout.first((line) => {
    const event = JSON.parse(line);
    return event.type === "progress" && event.bytes > SOME_BLOCKS_BYTES ? event : undefined;
  });
}

/** The JSON lines of one type that a command printed. */
function lines(pli: RunningPli, type: string): Record<string, unknown>[] {
  return pli.stdout.all.map((line) => JSON.parse(line)).filter((line) => line.type === type);
}

Deno.test({
  ...needing("F.7 the previous version is the last release", NO_PREVIOUS),
  fn: async () => {
    const release = await latestRelease();
    assert.ok(
      release === null || release === PREVIOUS.commit,
      `${release} was released: name it in previous.ts`,
    );
  },
});

for (const [sending, receiving] of MEETINGS) {
  pairTest(
    "a file and a folder arrive, and their sender gets the receipt",
    [sending, receiving],
    async (bench, start) => {
      await writeTree(bench.path("src"), TREE);
      const send = async (path: string, out: string) => {
        const sender = start(sending, `${out}-sender`, "send", ...LOCAL, path);
        const ticket = await sender.ticket();
        const receiver = start(
          receiving,
          `${out}-receiver`,
          "receive",
          ...LOCAL,
          "-o",
          bench.path(`${out}/`),
          ticket,
        );
        await endsWith(receiver, 0);
        // Without a receipt the share would end after a minute, as sent.
        const { files } = await sender.event("delivered");
        await endsWith(sender, 0);
        return files;
      };
      assert.deepEqual(
        await Promise.all([send("src", "folder"), send("src/large.bin", "file")]),
        [Object.keys(TREE).length, 1],
      );
      assertSameTree(await readTree(bench.path("folder")), below("src", TREE));
      assertSameTree(await readTree(bench.path("file")), { "large.bin": TREE["large.bin"] });
    },
  );

  // The rest is implemented in TypeScript: once for each binding is enough.
  if (sending.binding !== receiving.binding) continue;

  pairTest("a receiver that is killed goes on where it was", [sending, receiving], async (bench, start) => {
    await writeTree(bench.path("src"), LARGE);
    const sender = start(sending, "sender", "send", ...LOCAL, "src");
    const receive = ["receive", ...LOCAL, ...SLOWLY, "-o", bench.path("out/"), await sender.ticket()];
    const first = start(receiving, "receiver", ...receive);
    await middle(first);
    await first.stop("SIGKILL");
    const second = start(receiving, "receiver", "resume", ...LOCAL, "1");
    const { resumedBytes } = await second.event("done");
    await endsWith(second, 0);
    await sender.event("delivered");
    await endsWith(sender, 0);
    assert.ok(resumedBytes > 0 && resumedBytes < 12 * MIB, `${resumedBytes}`);
    assertSameTree(await readTree(bench.path("out")), below("src", LARGE));
  });

  pairTest(
    "a changed file is named on both sides; the present version receives the others",
    [sending, receiving],
    async (bench, start) => {
      await writeTree(bench.path("src"), TREE);
      const sender = start(sending, "sender", "send", ...LOCAL, "src");
      const ticket = await sender.ticket();
      await Deno.writeFile(bench.path("src/large.bin"), noise(3 * MIB + 1, 8));
      const receiver = start(receiving, "receiver", "receive", ...LOCAL, "-o", bench.path("out/"), ticket);
      await endsWith(receiver, exitOfLost(receiving));
      const name = "src/large.bin";
      if (receiving.name === "previous") {
        assert.deepEqual((await receiver.event("error")).parameters, { name });
        assert.equal((await sender.event("source_changed")).name, name);
        return;
      }
      const { lost } = await sender.event("delivered");
      await endsWith(sender, exitOfLost(sending));
      if (sending.name === "present") assert.deepEqual(lost, [name]);
      assert.deepEqual(
        receiver.events.flatMap((event) => event.type === "source_lost" ? [event.name] : []),
        [name],
      );
      const { "large.bin": _, ...others } = TREE;
      const arrived = await readTree(bench.path("out/src"));
      assertSameTree(arrived, others);
    },
  );
}

for (const binding of BINDINGS) {
  const previous: Version = { name: "previous", binding };
  const present: Version = { name: "present", binding };

  pairTest("history, key, share and download of a home go on", [previous, present], async (bench, start) => {
    await writeTree(bench.folder, below("src", LARGE));
    await Deno.writeFile(bench.path("note.txt"), noise(900, 5));
    const early = start(previous, "sender", "send", ...LOCAL, "note.txt");
    await endsWith(
      start(previous, "receiver", "receive", ...LOCAL, "-o", bench.path("out/"), await early.ticket()),
      0,
    );
    await endsWith(early, 0);

    const share = ["send", ...LOCAL, "--ticket", "addresses", "src"];
    const sender = start(previous, "sender", ...share);
    const ticket = await sender.ticket();
    const receiver = start(
      previous,
      "receiver",
      "receive",
      ...LOCAL,
      ...SLOWLY,
      "-o",
      bench.path("out/"),
      ticket,
    );
    await middle(receiver);
    await sender.event("claimed");
    await sender.stop("SIGKILL");
    await receiver.stop("SIGKILL");

    const history = async (home: string) => {
      const pli = start(present, home, "history");
      await endsWith(pli, 0);
      assert.deepEqual(lines(pli, "notice"), [], "no file was set aside");
      return lines(pli, "entry").map(({ title, kind }) => `${title} ${kind}`);
    };
    assert.deepEqual(await history("sender"), ["note.txt sent"]);
    assert.deepEqual(await history("receiver"), ["note.txt received"]);

    const again = start(present, "sender", ...share);
    assert.equal(await again.ticket(), ticket, "the same key, port and share");
    assert.deepEqual(lines(again, "notice"), []);
    const otherReceiver = start(
      present,
      "other_receiver",
      "receive",
      ...LOCAL,
      "-o",
      bench.path("no/"),
      ticket,
    );
    await endsWith(otherReceiver, 6);
    const list = start(present, "receiver", "resume");
    await endsWith(list, 0);
    const [entry, ...others] = lines(list, "download");
    assert.deepEqual([entry.title, entry.files, others.length], ["src", 2, 0]);
    const resumed = start(present, "receiver", "resume", ...LOCAL, "1");
    const { resumedBytes } = await resumed.event("done");
    await endsWith(resumed, 0);
    await endsWith(again, 0);
    assert.ok(resumedBytes > 0, `${resumedBytes}`);
    assertSameTree(await readTree(bench.path("out/src")), LARGE);
    assert.deepEqual(await history("sender"), ["src sent", "note.txt sent"]);
    assert.deepEqual(await history("receiver"), ["src received", "note.txt received"]);
  });
}
