// Transfers between two real pli processes over each binding, and between the two bindings, regardless of the binding of
// the other suites.

import assert from "node:assert/strict";
import { needing, NO_ADDON, withoutStock } from "../left_out.ts";
import { Bench } from "./processes.ts";
import { PROGRAM } from "./program.ts";
import { assertSameTree, mixedTree, noise, readTree, type Tree, writeTree } from "./trees.ts";

const LOCAL = ["--relay", "disabled"];
const BINDINGS = ["native", "stock"] as const;
const NOT_IN_BUNDLE = PROGRAM === null
  ? null
  : "the stock binding is a package, which a bundle does not have";
const NO_STOCK = withoutStock();
/** Small files, and one of several blocks. */
const TREE: Tree = { ...mixedTree(30), "large.bin": noise(3_000_001, 7) };

for (const sending of BINDINGS) {
  for (const receiving of BINDINGS) {
    const isStock = sending === "stock" && receiving === "stock";
    const hasStock = sending === "stock" || receiving === "stock";
    const name = `a transfer from the ${sending} binding to the ${receiving} one arrives byte for byte`;
    Deno.test(
      needing(name, isStock ? null : NO_ADDON, hasStock ? NOT_IN_BUNDLE ?? NO_STOCK : null),
      async () => {
        await using bench = await Bench.make();
        await writeTree(bench.path("t"), TREE);
        const start = (binding: string, ...args: string[]) =>
          bench.pli(args, { env: { PLI_BINDING: binding } });
        const sender = start(sending, "send", ...LOCAL, "t");
        const receiver = start(
          receiving,
          "receive",
          ...LOCAL,
          "--out",
          bench.path("out"),
          await sender.ticket(),
        );
        assert.equal(await receiver.ended(), 0, receiver.output);
        assert.equal(await sender.ended(), 0, sender.output);
        assertSameTree(await readTree(bench.path("out", "t")), TREE);
      },
    );
  }
}
