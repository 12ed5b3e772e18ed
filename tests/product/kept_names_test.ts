// Valid names between two real processes: names that Linux supports arrive unchanged, colliding ones are numbered,
// existing files are kept, and no file becomes executable or hidden without a message.

import assert from "node:assert/strict";
import { needing, NOT_LINUX } from "../left_out.ts";
import { HostileProvider } from "./hostile_provider.ts";
import { Bench } from "./processes.ts";
import { pliCommand } from "./program.ts";
import { assertSameTree, noise, readTree, type Tree, writeTree } from "./trees.ts";
import { bindIroh } from "../system_ports.ts";

const LOCAL = ["--relay", "disabled"];

async function transfer(bench: Bench, paths: string[], options: string[] = [], cwd = bench.folder) {
  const sender = bench.pli(["send", ...LOCAL, ...paths], { cwd });
  const ticket = await sender.ticket();
  const receiver = bench.pli(["receive", ...LOCAL, "--out", bench.path("out/"), ...options, ticket]);
  assert.equal(await receiver.ended(), 0, receiver.output);
  assert.equal(await sender.ended(), 0, sender.output);
  return receiver;
}

function treeOf(names: readonly string[]): Tree {
  return Object.fromEntries(names.map((name, at) => [name, noise(at + 1, at + 1)]));
}

Deno.test(
  needing("A.2 a tree of valid Linux names arrives complete on Linux, between two real processes", NOT_LINUX),
  async () => {
    await using bench = await Bench.make();
    const names = [
      ...["aux.c", "con", "nul.txt", "lpt1", "Makefile", "makefile", "Dir/a", "dir/a", "a:b", "C:"],
      ...["ends in dot.", "ends in space ", "...", "what?", '<|>*"', "caf\u00e9", "cafe\u0301", "~", "-rf"],
      ...["new\nline", "\x1b[2J", "\u202egpj.exe", "\ud83d\ude00", "x".repeat(255), "\u00e9".repeat(127)],
    ];
    const tree = treeOf(names.map((name) => `tree/${name}`));
    await writeTree(bench.folder, tree);
    // Names that begin with a dot need consent.
    const receiver = await transfer(bench, ["tree"], ["--yes"]);
    assertSameTree(await readTree(bench.path("out")), tree);
    assert.ok(!receiver.events.some((event) => event.type === "renamed" || event.type === "skipped"));
  },
);

Deno.test("A.4 paths with the same last part are numbered, and `send .` takes the folder's name", async () => {
  await using bench = await Bench.make();
  const tree = treeOf(["a/x", "b/x", "c/x/1", "d/x/1"]);
  await writeTree(bench.folder, tree);
  await transfer(bench, ["a/x", "b/x", "c/x", "d/x"]);
  assertSameTree(await readTree(bench.path("out")), {
    "x": tree["a/x"],
    "x (2)": tree["b/x"],
    "x (3)/1": tree["c/x/1"],
    "x (4)/1": tree["d/x/1"],
  });
  await Deno.rename(bench.path("out"), bench.path("first"));
  await transfer(bench, ["."], [], bench.path("c"));
  assertSameTree(await readTree(bench.path("out")), { "c/x/1": tree["c/x/1"] });
});

Deno.test("A.6 existing files are never replaced, unless that is requested", async () => {
  await using bench = await Bench.make();
  await writeTree(bench.folder, { "x.txt": noise(10, 1), "out/x.txt": noise(10, 2) });
  const old = await readTree(bench.path("out"));
  await transfer(bench, ["x.txt"]);
  const both = { "x.txt": noise(10, 2), "x (2).txt": noise(10, 1) };
  assertSameTree(await readTree(bench.path("out")), both);
  // A receiver of no data does not end a share.
  const kept = bench.pli(["send", ...LOCAL, "x.txt"]);
  const skipping = ["receive", ...LOCAL, "--skip", "--out", bench.path("out/"), await kept.ticket()];
  const skipped = bench.pli(skipping);
  assert.equal(await skipped.ended(), 0, skipped.output);
  await kept.stop("SIGINT");
  assertSameTree(await readTree(bench.path("out")), both);
  await transfer(bench, ["x.txt"], ["--rename"]);
  assertSameTree(await readTree(bench.path("out")), { ...both, "x (3).txt": noise(10, 1) });

  assert.deepEqual(await Deno.readFile(bench.path("out", "x.txt")), old["x.txt"]);
  // The option is the consent, also without a terminal.
  const sender = bench.pli(["send", ...LOCAL, "x.txt"]);
  const options = [...LOCAL, "--overwrite", "--out", bench.path("out/")];
  const replacing = bench.pli(["receive", ...options, await sender.ticket()]);
  assert.equal(await replacing.ended(), 0, replacing.output);
  assert.deepEqual(await Deno.readFile(bench.path("out", "x.txt")), noise(10, 1));
});

Deno.test(needing("A.8 no received file is executable", NOT_LINUX), async () => {
  await using bench = await Bench.make();
  await writeTree(bench.folder, {
    "tools/run.sh": noise(10),
    "tools/large": noise(3_000_000),
    "one": noise(9),
  });
  for (const name of ["tools/run.sh", "tools/large", "one"]) await Deno.chmod(bench.path(name), 0o6777);
  await transfer(bench, ["tools", "one"]);
  for (const name of ["tools/run.sh", "tools/large", "one"]) {
    const { mode } = await Deno.stat(bench.path("out", name));
    assert.equal(mode! & 0o7111, 0, `${name} has mode ${mode!.toString(8)}`);
  }
});

Deno.test("A.8 a hidden name is shown and needs consent; without a terminal only --yes is consent", async () => {
  await using bench = await Bench.make();
  const files = [[".bashrc", "evil"], ["fine/.inside", "fine"], [".ssh/config", "evil"]] as const;
  await using provider = await HostileProvider.offer(bindIroh, files);
  const options = [...LOCAL, "--out", bench.path("out/")];
  const asked = bench.pli(["receive", ...options, provider.ticket]);
  assert.equal(await asked.ended(), 2, asked.output);
  const error = asked.events.at(-1);
  assert.ok(error?.type === "error" && error.code === "consent_needed", asked.output);
  assert.deepEqual(error.parameters.names, [".bashrc", ".ssh", "fine/.inside"]);
  assert.match(error.advice, /It concerns \.bashrc: hidden, \.ssh: hidden, and fine\/\.inside: hidden\./);
  assert.equal(provider.hasDataRequest, false);
  await assert.rejects(Deno.lstat(bench.path("out")), Deno.errors.NotFound);

  // As text, and not only as an event: hidden names are shown before the question.
  const env = { PLI_HOME: bench.path("home-words") };
  const [program, ...before] = pliCommand;
  const command = [...before, "receive", ...options, provider.ticket];
  const reported = bench.run(program, command, { env });
  assert.equal(await reported.ended(), 2, reported.output);
  for (const name of [".bashrc", ".ssh", "fine/.inside"]) {
    assert.ok(reported.output.includes(`${name}: hidden`), reported.output);
  }

  const agreed = bench.pli(["receive", ...options, "--yes", provider.ticket]);
  assert.equal(await agreed.ended(), 0, agreed.output);
  assert.equal(await Deno.readTextFile(bench.path("out", ".bashrc")), "evil");
});
