// One file from page to page, with screenshots of both at each step; and the ticket after a drop on small screens.

import assert from "node:assert/strict";
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

pageTest(
  "after a drop the ticket and Copy are in sight without scrolling, and Enter copies it",
  async (scene) => {
    const { bench, ada } = scene;
    const { page } = ada;
    await writeTree(bench.path("src"), { "letter.pdf": noise(30_000) });
    await ada.drop(bench.path("src", "letter.pdf"));
    await ada.state("Ready");
    const text = page.locator(".ticket-text");
    for (const viewport of [{ width: 1280, height: 720 }, { width: 360, height: 640 }]) {
      await page.setViewportSize(viewport);
      for (const shown of [ada.card.getByRole("button", { name: "Copy" }), text]) {
        const { y, height } = (await shown.boundingBox())!;
        assert.ok(y >= 0 && y + height <= viewport.height, `${y} of ${viewport.height}`);
      }
      assert.equal(await page.evaluate(() => scrollY), 0);
    }
    await page.keyboard.press("Enter");
    await ada.sees("Copied");
    const ticket = await text.inputValue();
    assert.match(ticket, /^blob[a-z2-7]{90,}$/);
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), ticket);
    await ada.press("New transfer");
    await ada.sees("Drop files or folders here");
    assert.equal(await page.locator(".card .ticket-text").inputValue(), ticket, "it goes on in the list");
  },
);
