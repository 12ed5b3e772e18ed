// Long transfers over loopback for the full run: many files, and a share for each size.

import { transfer } from "./local_transfer.ts";
import { Bench } from "./processes.ts";
import { assertSameTree, below, mixedTree, noise, readTree, writeTree } from "./trees.ts";

Deno.test("each size as a separate share", async () => {
  await using bench = await Bench.make();
  for (const size of [0, 1, 16 * 1024, 1024 * 1024 + 1]) {
    const bytes = noise(size, size + 7);
    await Deno.writeFile(bench.path(`${size}.bin`), bytes);
    await transfer(bench, [`${size}.bin`]);
    assertSameTree({ got: await Deno.readFile(bench.path("out", `${size}.bin`)) }, { got: bytes });
  }
});

Deno.test("a tree of 2,000 files arrives completely", async () => {
  await using bench = await Bench.make();
  const tree = mixedTree(2000);
  await writeTree(bench.path("many"), tree);
  await transfer(bench, ["many"]);
  assertSameTree(await readTree(bench.path("out")), below("many", tree));
});
