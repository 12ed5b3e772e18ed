// Situations from public reports about similar tools, with two real processes. tests/README.md lists each with its
// source.

import assert from "node:assert/strict";
import { needing, NOT_UNIX } from "../left_out.ts";
import { Bench } from "./processes.ts";
import { assertSameTree, noise, readTree, writeTree } from "./trees.ts";

const LOCAL = ["--relay", "disabled", "--bind", "127.0.0.1:0"];

Deno.test("a folder that is shared as . may be the destination", async () => {
  await using bench = await Bench.make();
  const tree = { a: noise(5), b: noise(3_000_000) };
  await writeTree(bench.path("shared"), tree);
  const cwd = bench.path("shared");
  const sender = bench.pli(["send", ...LOCAL, "."], { cwd });
  const receiver = bench.pli(["receive", ...LOCAL, "-o", ".", await sender.ticket()], { cwd });
  assert.equal(await receiver.ended(), 0, receiver.output);
  assert.equal(await sender.ended(), 0, sender.output);
  assertSameTree(await readTree(bench.path("shared/shared")), tree);
});

Deno.test("a folder without files is reported to its sender, and the files beside it arrive", async () => {
  await using bench = await Bench.make();
  const tree = { "full/x": noise(5) };
  await writeTree(bench.path("src"), tree);
  await Deno.mkdir(bench.path("src/empty/inner"), { recursive: true });
  const sender = bench.pli(["send", ...LOCAL, "src"]);
  const receiver = bench.pli(["receive", ...LOCAL, "-o", bench.path("out"), await sender.ticket()]);
  assert.equal(await receiver.ended(), 0, receiver.output);
  assertSameTree(await readTree(bench.path("out/src")), tree);
  const { name } = await sender.event("skipped");
  assert.equal(name, "src/empty/inner");
});

Deno.test("a name of 252 bytes in a script of three bytes a letter is received a second time", async () => {
  await using bench = await Bench.make();
  const name = `${"字".repeat(83)}.md`;
  await Deno.writeFile(bench.path(name), noise(5));
  const sender = bench.pli(["send", ...LOCAL, "--keep", name]);
  const out = `${bench.path("out")}/`;
  for (let turn = 0; turn < 2; turn++) {
    const receiver = bench.pli(["receive", ...LOCAL, "--rename", "-o", out, await sender.ticket()]);
    assert.equal(await receiver.ended(), 0, receiver.output);
  }
  assert.equal(Object.keys(await readTree(out)).length, 2);
});

Deno.test({
  ...needing("received files have the modes of the receiver's umask", NOT_UNIX),
  fn: async () => {
    await using bench = await Bench.make();
    await writeTree(bench.path("src"), { "inner/a": noise(5) });
    const sender = bench.pli(["send", ...LOCAL, "--keep", "src"]);
    for (const [umask, fileMode, folderMode] of [["077", 0o600, 0o700], ["002", 0o664, 0o775]] as const) {
      const wrapper = ["sh", "-c", `umask ${umask}; exec "$@"`, "sh"];
      const out = bench.path(umask);
      const receiver = bench.pli(["receive", ...LOCAL, "-o", out, await sender.ticket()], { wrapper });
      assert.equal(await receiver.ended(), 0, receiver.output);
      assert.equal((await Deno.stat(`${out}/src/inner/a`)).mode! & 0o777, fileMode);
      assert.equal((await Deno.stat(`${out}/src/inner`)).mode! & 0o777, folderMode);
    }
  },
});
