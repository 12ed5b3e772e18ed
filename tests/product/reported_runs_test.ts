// Situations from public reports about runs of similar tools: several at once, closed streams, blank variables, limits,
// and folders that are removed meanwhile. tests/README.md lists each with its source.

import { deepStrictEqual, match, strictEqual } from "node:assert";
import { needing, NOT_UNIX } from "../left_out.ts";
import { Bench } from "./processes.ts";
import { pliCommand } from "./program.ts";
import { assertSameTree, noise, readTree, type Tree, writeTree } from "./trees.ts";

const LOCAL = ["--relay", "disabled", "--bind", "127.0.0.1:0"];
const MIB = 1024 * 1024;
/** A size above the limits that `ulimit -f 256` may mean, and small. */
const SOME = 600_000;

/** The command that runs another one in a shell, after a change of the environment. */
const inShell = (script: string) => ({ wrapper: ["sh", "-c", script, "sh"] });

Deno.test("two tickets whose files share names are received into one folder at once", async () => {
  await using bench = await Bench.make();
  const trees: Tree[] = [{ a: noise(SOME), b: noise(5) }, { a: noise(SOME + 1, 2), c: noise(6) }];
  const senders = await Promise.all(trees.map(async (tree, index) => {
    await writeTree(bench.path(`${index}/dir`), tree);
    return bench.pli(["send", ...LOCAL, `${index}/dir`]);
  }));
  const out = bench.path("out");
  const home = bench.path("receiver");
  const receivers = await Promise.all(senders.map(async (sender) => {
    return bench.pli(["receive", ...LOCAL, "-o", out, await sender.ticket()], { home });
  }));
  for (const pli of [...receivers, ...senders]) strictEqual(await pli.ended(), 0, pli.output);
  const there = await readTree(`${out}/dir`);
  deepStrictEqual(Object.keys(there).sort(), ["a", "a (2)", "b", "c"]);
  // The order of the two is random.
  const [first, second] = trees[0].a.length === there.a.length ? trees : trees.toReversed();
  assertSameTree(there, { ...first, ...second, a: first.a, "a (2)": second.a });
});

Deno.test("a ticket that is received twice at once is delivered twice, each time at its end", async () => {
  await using bench = await Bench.make();
  const bytes = noise(SOME);
  await Deno.writeFile(bench.path("file"), bytes);
  const sender = bench.pli(["send", ...LOCAL, "--keep", "file"]);
  const ticket = await sender.ticket();
  const receivers = ["one", "two"].map((out) => {
    return bench.pli(["receive", ...LOCAL, "-o", `${bench.path(out)}/`, ticket]);
  });
  for (const receiver of receivers) strictEqual(await receiver.ended(), 0, receiver.output);
  for (const out of ["one", "two"]) assertSameTree(await readTree(bench.path(out)), { file: bytes });
  await sender.stop("SIGTERM");
  const delivered = sender.events.filter((event) => event.type === "delivered");
  deepStrictEqual(delivered.map((event) => event.bytes), [bytes.length, bytes.length]);
});

Deno.test({
  ...needing("pli sends and receives without standard input, output and error", NOT_UNIX),
  fn: async () => {
    await using bench = await Bench.make();
    const bytes = noise(5);
    await Deno.writeFile(bench.path("file"), bytes);
    // The test needs the ticket, so the sender keeps its standard output.
    const sender = bench.pli(["send", ...LOCAL, "file"], inShell('exec "$@" <&- 2>&-'));
    const ticket = await sender.ticket();
    const receiver = bench.pli(
      ["receive", ...LOCAL, "-o", `${bench.path("out")}/`, ticket],
      inShell('exec "$@" <&- >&- 2>&-'),
    );
    strictEqual(await receiver.ended(), 0);
    strictEqual(await sender.ended(), 0, sender.output);
    assertSameTree(await readTree(bench.path("out")), { file: bytes });
  },
});

Deno.test({
  ...needing(
    "a closed standard output ends a receiver, a closed standard error does not",
    NOT_UNIX,
  ),
  fn: async () => {
    await using bench = await Bench.make();
    const bytes = noise(5);
    await Deno.writeFile(bench.path("file"), bytes);
    const sender = bench.pli(["send", ...LOCAL, "--keep", "file"]);
    const ticket = await sender.ticket();
    // The shell reads one line, closes the pipe, and pli continues.
    const script = (redirection: string) =>
      `mkfifo pipe; { "$@" ${redirection}; } >pipe & read -r line <pipe; wait $!; echo "$? $line"; rm pipe`;
    const receive = (out: string, redirection: string, ...more: string[]) => {
      const line = [...pliCommand, "receive", ...LOCAL, "-o", `${out}/`, ...more, ticket];
      return bench.run("sh", ["-c", script(redirection), "sh", ...line], {
        env: { PLI_HOME: bench.path(`home-${out}`) },
      });
    };
    const byOutput = receive("output", "", "--json");
    await byOutput.ended();
    match(byOutput.stdout.all.join(), /^141 \{.*"type":"waiting"/, byOutput.output);
    const byError = receive("error", "2>&1 >/dev/null");
    await byError.ended();
    match(byError.stdout.all.join(), /^0 Connecting/, byError.output);
    assertSameTree(await readTree(bench.path("error")), { file: bytes });
  },
});

Deno.test({
  ...needing("variables that are set and blank count as not set", NOT_UNIX),
  fn: async () => {
    await using bench = await Bench.make();
    const bytes = noise(5);
    await Deno.writeFile(bench.path("file"), bytes);
    const names = ["IROH_SECRET", "PLI_TICKET", "PLI_BINDING", "XDG_DATA_HOME", "TMPDIR", "TERM", "LANG"];
    const blank = (text: string, home: string) => {
      const env = { ...Object.fromEntries(names.map((name) => [name, text])), HOME: home };
      return { env, home: text };
    };
    const sender = bench.pli(["send", ...LOCAL, "file"], blank("", ""));
    const out = `${bench.path("out")}/`;
    const receiver = bench.pli(
      ["receive", ...LOCAL, "-o", out, await sender.ticket()],
      blank(" ", bench.path("user")),
    );
    strictEqual(await receiver.ended(), 0, receiver.output);
    strictEqual(await sender.ended(), 0, sender.output);
    assertSameTree(await readTree(out), { file: bytes });
    deepStrictEqual([...Deno.readDirSync(bench.path("user/.local/share"))].map(({ name }) => name), ["pli"]);
  },
});

Deno.test({
  ...needing(
    "standard output into a file over the size limit reports the limit, and not a full disk",
    NOT_UNIX,
  ),
  fn: async () => {
    await using bench = await Bench.make();
    await Deno.writeFile(bench.path("file"), noise(SOME));
    const sender = bench.pli(["send", ...LOCAL, "--keep", "file"]);
    const limited = inShell('ulimit -f 256; exec "$@" > there');
    const receiver = bench.pli(["receive", ...LOCAL, "-o", "-", await sender.ticket()], limited);
    strictEqual(await receiver.ended(), 5, receiver.output);
    match(receiver.stderr.all.join("\n"), /"code":"output_file_too_large".*ulimit -f/);
  },
});

Deno.test("a folder that is moved away during a receive is reported, and not created again", async () => {
  await using bench = await Bench.make();
  const bytes = noise(MIB);
  await Deno.writeFile(bench.path("file"), bytes);
  const sender = bench.pli(["send", ...LOCAL, "--keep", "file"]);
  const home = bench.path("receiver");
  const out = bench.path("out");
  const receive = ["receive", ...LOCAL, "-o", `${out}/`, await sender.ticket()];
  const receiver = bench.pli([...receive, "--limit", "500k"], { home });
  await receiver.event("progress");
  await Deno.rename(out, bench.path("away"));
  strictEqual((await receiver.event("error")).code, "destination_gone", receiver.output);
  strictEqual(await receiver.ended(), 5, receiver.output);
  strictEqual(await Deno.stat(out).then(() => "there", () => "gone"), "gone");
  const again = bench.pli(receive, { home });
  strictEqual(await again.ended(), 0, again.output);
  assertSameTree(await readTree(out), { file: bytes });
});

Deno.test("a shared folder that is renamed is reported to its receivers, and served again once it is back", async () => {
  await using bench = await Bench.make();
  const tree = { a: noise(5), b: noise(SOME) };
  await writeTree(bench.path("src"), tree);
  const sender = bench.pli(["send", ...LOCAL, "--keep", "src"]);
  const home = bench.path("receiver");
  const receive = ["receive", ...LOCAL, "-o", bench.path("out"), await sender.ticket()];
  await Deno.rename(bench.path("src"), bench.path("renamed"));
  const without = bench.pli(receive, { home });
  strictEqual((await without.event("error")).code, "source_lost", without.output);
  strictEqual(await without.ended(), 4, without.output);
  match((await sender.event("source_changed")).name, /^src\/[ab]$/);
  await Deno.rename(bench.path("renamed"), bench.path("src"));
  const again = bench.pli(receive, { home });
  strictEqual(await again.ended(), 0, again.output);
  assertSameTree(await readTree(bench.path("out/src")), tree);
});
