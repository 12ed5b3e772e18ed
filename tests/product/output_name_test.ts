// `receive -o PATH` with real files: the meaning of the path, which an interrupted download keeps.

import assert from "node:assert/strict";
import { Bench } from "./processes.ts";
import { pliCommand } from "./program.ts";
import { noise } from "./trees.ts";

const LOCAL = ["--relay", "disabled"];

Deno.test("E.8 -o names the only file of a share, or the folder of several; an interrupted one is resumed", async () => {
  await using bench = await Bench.make();
  const big = noise(24 * 1024 * 1024);
  await Deno.writeFile(bench.path("big"), big);
  await Deno.mkdir(bench.path("there"));
  const send = ["send", "--keep", "--ticket", "addresses", ...LOCAL];
  const one = await bench.pli([...send, "big"]).ticket();
  const home = bench.path("receiver");
  const receive = async (ticket: string, out: string) => {
    const [program, ...before] = pliCommand;
    const args = [...before, "receive", ticket, "-o", out, ...LOCAL];
    const pli = bench.run(program, args, { env: { PLI_HOME: home } });
    assert.equal(await pli.ended(), 0, pli.output);
    return pli.stdout.all.at(-1);
  };
  assert.equal(await receive(one, "copy.bin"), "copy.bin");
  assert.equal(await receive(one, "new/deep.bin"), "new/deep.bin");
  assert.equal(await receive(one, "there"), "there/big");
  assert.equal(await receive(one, "folder/"), "folder/big");
  for (const name of ["copy.bin", "new/deep.bin", "there/big", "folder/big"]) {
    assert.deepEqual(Deno.readFileSync(bench.path(name)), big, name);
  }
  await Deno.writeTextFile(bench.path("a"), "a");
  const two = await bench.pli([...send, "a", "there"]).ticket();
  assert.equal(await receive(two, "both"), "both/there");
  assert.equal(Deno.readTextFileSync(bench.path("both/a")), "a");

  const stopped = bench.pli(["receive", one, "-o", "later.bin", "--limit", "4M", ...LOCAL], { home });
  await stopped.stdout.first((line) =>
    line.includes('"progress"') && !line.includes('"bytes":0') || undefined
  );
  await stopped.stop("SIGINT");
  assert.equal([...Deno.readDirSync(bench.folder)].some(({ name }) => name === "later.bin"), false);
  const resumed = bench.pli(["resume", "--all", ...LOCAL], { home });
  assert.equal(await resumed.ended(), 0, resumed.output);
  assert.deepEqual(Deno.readFileSync(bench.path("later.bin")), big);
});

Deno.test("E.8 a given name that is taken is reported with -q, and its file stays", async () => {
  await using bench = await Bench.make();
  await Deno.writeTextFile(bench.path("a"), "new");
  await Deno.writeTextFile(bench.path("given"), "old");
  const sender = bench.pli(["send", "--keep", "--ticket", "addresses", ...LOCAL, "a"]);
  const [program, ...before] = pliCommand;
  const args = [...before, "receive", await sender.ticket(), "-q", "-o", "given", ...LOCAL];
  const receiver = bench.run(program, args, { env: { PLI_HOME: bench.path("receiver") } });
  assert.equal(await receiver.ended(), 0, receiver.output);
  assert.match(
    receiver.output,
    /^given is saved as given \(2\), because a file or folder of that name exists\.$/m,
  );
  assert.equal(Deno.readTextFileSync(bench.path("given")), "old");
  assert.equal(Deno.readTextFileSync(bench.path("given (2)")), "new");
});
