// Files that are shared by one page and received by another, byte for byte: dropped, chosen in the browser, chosen from
// this computer.

import assert from "node:assert/strict";
import { eventually } from "../time_limits.ts";
import { assertSameTree, below, mixedTree, noise, readTree, writeTree } from "../product/trees.ts";
import { pageTest } from "./page_processes.ts";

/** More than one batch of a browser's directory reader. */
const MANY_FILES = Object.fromEntries(
  Array.from({ length: 130 }, (_, i) => [`many/${i}.txt`, noise(i, i + 1)]),
);

pageTest("a dropped folder of 200 files arrives, and empty folders are named", async (scene) => {
  const { bench, receiving, ada, bob } = scene;
  const tree = below("Büro", { ...mixedTree(70), ...MANY_FILES });
  await writeTree(bench.path("src"), tree);
  await Deno.mkdir(bench.path("src", "Büro", "empty"));
  await Deno.mkdir(bench.path("src", "Büro", "deep", "er", "hollow"));
  await ada.drop(bench.path("src", "Büro"));
  await bob.look(await ada.copyTicket());
  await ada.sees("Büro/deep/er/hollow");
  await bob.page.getByRole("button", { name: "Receive 200 files, 160 kB" }).waitFor();
  await bob.receive();
  await bob.state("Received");
  assertSameTree(await readTree(receiving.folder), tree);
  await ada.state("Delivered");
  await ada.page.getByText(/^sent /).waitFor();
  await ada.removeCard();
  // The copy of a dropped file is removed with its share.
  const uploads = bench.path("ada", "home", "uploads");
  await eventually(async () => (await Array.fromAsync(Deno.readDir(uploads))).length === 0, "no uploads");
});

pageTest("files of the browser's dialog, and of several folders at once, arrive", async (scene) => {
  const { bench, receiving, ada, bob } = scene;
  const tree = { "a.txt": noise(9), "empty.txt": noise(0), "b.bin": noise(2_000_000, 2) };
  await writeTree(bench.path("src"), { ...tree, "other/a.txt": noise(8, 5) });
  const chooser = ada.page.waitForEvent("filechooser");
  await ada.press("Choose…");
  await ada.page.getByRole("button", { name: "Choose files" }).click();
  await (await chooser).setFiles(
    [...Object.keys(tree), "other/a.txt"].map((name) => bench.path("src", name)),
  );
  await bob.look(await ada.copyTicket());
  await bob.receive();
  await bob.state("Received");
  assertSameTree(await readTree(receiving.folder), { ...tree, "a (2).txt": noise(8, 5) });
});

pageTest(
  "files chosen from this computer are sent without a copy, also to several receivers",
  async (scene) => {
    const { bench, receiving, ada, bob } = scene;
    const tree = below("Album", mixedTree(40));
    await writeTree(bench.path("src"), tree);
    await ada.page.getByLabel("Who may receive it").selectOption("keep");
    await ada.choose(bench.path("src"), "Album");
    const ticket = await ada.copyTicket();
    await bob.look(ticket);
    await bob.receive();
    await bob.state("Received");
    assertSameTree(await readTree(receiving.folder), tree);
    await ada.state("Ready");
    await assert.rejects(Deno.stat(bench.path("ada", "home", "uploads", "Album")));
    // A second time: all files exist already, and none is written again.
    await bob.look(ticket);
    await bob.receive();
    await bob.state("Received");
    assertSameTree(await readTree(receiving.folder), tree);
    await ada.pictures("kept");
    await ada.press("Stop");
    await ada.state("Stopped");
  },
);

pageTest("deselected files are not received", async ({ bench, receiving, ada, bob }) => {
  const tree = { "keep.txt": noise(50), "leave.txt": noise(60, 2) };
  await writeTree(bench.path("src"), below("two", tree));
  await ada.drop(bench.path("src", "two"));
  await bob.look(await ada.copyTicket());
  await bob.page.getByRole("option", { name: /leave/ }).click();
  await bob.receive();
  await bob.state("Received");
  assertSameTree(await readTree(receiving.folder), { "two/keep.txt": noise(50) });
  await bob.removeCard();
  assert.equal(await bob.card.count(), 0);
});
