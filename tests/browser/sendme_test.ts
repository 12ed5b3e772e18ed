// The page and the real sendme, in both directions.

import assert from "node:assert/strict";
import { peerProgram } from "../interop/peers.ts";
import { assertSameTree, below, mixedTree, readTree, writeTree } from "../product/trees.ts";
import { pageTest } from "./page_processes.ts";

const LOCAL = ["--relay", "disabled", "--no-progress"];
const TREE = below("Files", mixedTree(60));
const sendme = await peerProgram("sendme");

pageTest("the page receives from sendme", async ({ bench, receiving, bob }) => {
  await writeTree(bench.path("src"), TREE);
  const sender = bench.run(sendme, ["send", ...LOCAL, "Files"], { cwd: bench.path("src") });
  const line = await sender.stdout.first((line) => /sendme receive.*\bblob[a-z0-9]{50,}/.exec(line)?.[0]);
  assert.ok(line !== undefined, sender.output);
  await bob.look(line);
  await bob.receive();
  await bob.state("Received");
  assertSameTree(await readTree(receiving.folder), TREE);
});

pageTest("sendme receives from the page", async ({ bench, ada }) => {
  await writeTree(bench.path("src"), TREE);
  await Deno.mkdir(bench.path("out"));
  await ada.drop(bench.path("src", "Files"));
  const args = ["receive", ...LOCAL, await ada.copyTicket()];
  const receiver = bench.run(sendme, args, { cwd: bench.path("out") });
  assert.equal(await receiver.ended(), 0, receiver.output);
  assertSameTree(await readTree(bench.path("out")), TREE);
  // sendme sends no receipt, so pli awaits a reconnection for some time.
  await ada.page.waitForTimeout(1_000);
  assert.match(await ada.card.locator(".state").textContent() ?? "", /Ready|Sent completely/);
});
