// The text of the cards of a stalled transfer, of one with a lost file, and of one whose ticket a second receiver uses.

import assert from "node:assert/strict";
import { noise, writeTree } from "../product/trees.ts";
import { pageTest, type Scene } from "./page_processes.ts";

const LARGE = noise(8 << 20, 5);
/** Size of a file whose transfer takes seconds on every machine. */
const LONG_BYTES = 512 << 20;

/** Shares a folder of a large and a small file. Resolves to its ticket. */
async function shared({ bench, ada }: Scene, sizeBytes: number): Promise<string> {
  await writeTree(bench.path("src"), { "Album/Concert.flac": LARGE, "Album/A note.txt": noise(6) });
  await Deno.truncate(bench.path("src", "Album", "Concert.flac"), sizeBytes);
  await ada.choose(bench.path("src"), "Album");
  return await ada.copyTicket();
}

pageTest("E.6 a changed file is named in both cards, and the others arrive", async (scene) => {
  const { bench, receiving, ada, bob } = scene;
  const ticket = await shared(scene, LARGE.length);
  const changed = LARGE.slice();
  changed[7 << 20] ^= 1;
  await Deno.writeFile(bench.path("src", "Album", "Concert.flac"), changed);
  await bob.look(ticket);
  await bob.receive();
  await bob.state("Incomplete");
  await ada.state("Incomplete");
  for (const visitor of [ada, bob]) {
    assert.match(await visitor.card.textContent() ?? "", /Album\/Concert\.flac/);
  }
  assert.match(await bob.card.textContent() ?? "", /kept in the folder.*Discard removes them/);
  assert.equal((await Deno.readFile(`${receiving.folder}/Album/A note.txt`)).length, 6);
  await bob.pictures("incomplete");
  await ada.pictures("delivered-in-part");
});

pageTest("E.12 E.26 a refused receiver is named, and the duration of a stall", async (scene) => {
  const { bench, receiving, ada, bob } = scene;
  const ticket = await shared(scene, LONG_BYTES);
  await bob.look(ticket);
  await bob.receive();
  await bob.isInTheMiddle();
  await receiving.held(async () => {
    await ada.card.getByText(/The receiver has accepted no data for \d+ sec/).waitFor();
    const args = ["receive", "--relay", "disabled", "-o", bench.path("other"), ticket];
    assert.equal(await bench.pli(args).ended(), 6);
    await ada.card.getByText(/was refused: this ticket is for one receiver/).waitFor();
    await ada.pictures("refused");
  });
  await bob.state("Received");
});

pageTest("E.26 a download from a suspended sender shows the duration of the stall", async (scene) => {
  const { sending, bob } = scene;
  await bob.look(await shared(scene, LONG_BYTES));
  await bob.receive();
  await bob.isInTheMiddle();
  await sending.held(async () => {
    await bob.card.getByText(/Nothing has arrived for \d+ sec/).waitFor();
    assert.doesNotMatch(await bob.card.textContent() ?? "", /MB\/s|left/);
    await bob.pictures("stalled");
  });
  await bob.state("Received");
});
