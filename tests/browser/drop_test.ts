// One file from page to page, with screenshots of both at each step.

import { assertSameTree, noise, readTree, writeTree } from "../product/trees.ts";
import { pageTest } from "./page_processes.ts";

pageTest("a dropped file arrives", async ({ bench, receiving, ada, bob }) => {
  const tree = { "Letter ü.pdf": noise(300_000) };
  await writeTree(bench.path("src"), tree);
  await ada.pictures("idle");
  await ada.drop(bench.path("src", "Letter ü.pdf"));
  const ticket = await ada.copyTicket();
  await ada.pictures("ticket");
  await bob.look(ticket);
  await bob.pictures("preview");
  await bob.receive();
  await bob.state("Received");
  await ada.state("Delivered");
  await bob.pictures("received");
  await ada.pictures("delivered");
  assertSameTree(await readTree(receiving.folder), tree);
});
