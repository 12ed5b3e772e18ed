// Downloads and pages that are interrupted. The sender is suspended meanwhile, so that the download is incomplete.

import assert from "node:assert/strict";
import { noise, readTree } from "../product/trees.ts";
import { pliCommand } from "../product/program.ts";
import { pageTest, type Scene } from "./page_processes.ts";

const PIECE = noise(8 << 20);
const PIECES = 64;
const FOLDER = "Album";
const NAMES = ["Concert.flac", "A note.txt"];

/** Shares a folder of half a GiB, receives a part of it, and then calls `work`. */
async function inTheMiddle(scene: Scene, work: () => Promise<void>): Promise<void> {
  const { bench, sending, ada, bob } = scene;
  await Deno.mkdir(bench.path("src", FOLDER), { recursive: true });
  const [large, small] = NAMES.map((name) => bench.path("src", FOLDER, name));
  using file = await Deno.open(large, { write: true, createNew: true });
  for (let piece = 0; piece < PIECES; piece++) await file.write(PIECE);
  await Deno.writeTextFile(small, "encore");
  await ada.choose(bench.path("src"), FOLDER);
  await bob.look(await ada.copyTicket());
  await bob.receive();
  await bob.isInTheMiddle();
  await sending.held(work);
}

async function assertArrived({ bench, receiving }: Scene): Promise<void> {
  const args = ["-r", bench.path("src", FOLDER), `${receiving.folder}/${FOLDER}`];
  const command = new Deno.Command("diff", { args });
  assert.equal((await command.output()).code, 0, "the bytes differ");
}

pageTest("a reloaded page shows the same", async (scene) => {
  const { ada, bob } = scene;
  await inTheMiddle(scene, async () => {
    await bob.pictures("receiving");
    await bob.page.reload();
    await bob.state("Receiving");
    assert.match(await bob.card.textContent() ?? "", /Album/);
  });
  await ada.page.reload();
  await bob.state("Received");
  await ada.state("Delivered");
  await assertArrived(scene);
});

pageTest("a paused download is resumed without fetching verified bytes again", async (scene) => {
  const { bob } = scene;
  await inTheMiddle(scene, async () => {
    await bob.press("Pause");
    await bob.state("Paused");
    await bob.openFiles();
    await bob.fileSays("Concert.flac", /^[1-9]\d?%$/);
    await bob.fileSays("A note.txt", /^there$/);
    await bob.pictures("paused");
    await bob.page.reload();
    await bob.openFiles();
    await bob.fileSays("Concert.flac", /^[1-9]\d?%$/);
  });
  const shown = Number(await bob.page.getByRole("progressbar").getAttribute("aria-valuenow"));
  assert.ok(shown > 0 && shown < 100, `${shown} %`);
  await bob.press("Resume");
  await bob.state("Received");
  // The list stays open.
  await bob.fileSays("Concert.flac", /^there$/);
  await assertArrived(scene);
});

pageTest(
  "the page of a killed pli reports that, and the download continues in the next one",
  async (scene) => {
    const { receiving, ada, bob } = scene;
    await inTheMiddle(scene, async () => {
      await receiving.kill();
      await bob.sees("pli does not answer. It may have been closed; trying again…");
      await bob.pictures("gone");
      const url = await receiving.start();
      await bob.sees("This page has been closed");
      await bob.pictures("closed");
      // In the same tab, where only the fragment of the address changes.
      await bob.page.goto(url);
      await bob.state("Unfinished");
      assert.match(await bob.card.textContent() ?? "", /Album/);
      await bob.pictures("unfinished");
    });
    await bob.press("Resume");
    await bob.state("Received");
    await ada.state("Delivered");
    await assertArrived(scene);
  },
);

pageTest("a download that a terminal discards disappears from the page, with a notice", async (scene) => {
  const { bench, receiving, bob } = scene;
  await inTheMiddle(scene, async () => {
    await receiving.kill();
    const url = await receiving.start();
    await bob.sees("This page has been closed");
    await bob.page.goto(url);
    await bob.state("Unfinished");
    const [program, ...before] = pliCommand;
    const command = new Deno.Command(program, {
      args: [...before, "resume", "--discard", "--all"],
      env: { PLI_HOME: bench.path("bob", "home") },
    });
    assert.equal((await command.output()).code, 0);
    await bob.card.waitFor({ state: "detached" });
    const { folder } = receiving;
    await bob.sees(
      `The download of ${FOLDER} into ${folder} is not listed any more: another pli has completed or discarded it.`,
    );
    await bob.pictures("discarded");
  });
});

pageTest("a killed sender that is started again serves the same ticket", async (scene) => {
  const { sending, ada, bob } = scene;
  await inTheMiddle(scene, () => sending.kill());
  await ada.sees("pli does not answer. It may have been closed; trying again…");
  await bob.state("Waiting");
  await bob.pictures("waiting");
  const url = await sending.start();
  await ada.sees("This page has been closed");
  await ada.page.goto(url);
  await bob.state("Received");
  await assertArrived(scene);
});

for (const signal of ["SIGTERM", "SIGKILL"] as const) {
  pageTest(
    `a dropped file has the same ticket in the next pli, until it is delivered: ${signal}`,
    async (scene) => {
      const { bench, sending, receiving, ada, bob } = scene;
      const bytes = noise(300_000);
      await Deno.mkdir(bench.path("src"));
      await Deno.writeFile(bench.path("src", "letter.bin"), bytes);
      await ada.drop(bench.path("src", "letter.bin"));
      const ticket = await ada.copyTicket();
      await sending.kill(signal);
      const url = await sending.start();
      await ada.sees("This page has been closed");
      await ada.page.goto(url);
      assert.equal(await ada.copyTicket(), ticket);
      await ada.pictures(`dropped-${signal}`);
      await bob.look(ticket);
      await bob.receive();
      await bob.state("Received");
      await ada.state("Delivered");
      assert.deepEqual(await Deno.readFile(`${receiving.folder}/letter.bin`), bytes);
      await ada.removeCard();
      const home = bench.path("ada", "home");
      assert.deepEqual([await readTree(`${home}/uploads`), await readTree(`${home}/shares`)], [{}, {}]);
    },
  );
}

pageTest("a tab that is closed during an upload leaves no files", async (scene) => {
  const { bench, ada } = scene;
  await Deno.mkdir(bench.path("src"));
  await Deno.writeFile(bench.path("src", "sparse.bin"), new Uint8Array());
  await Deno.truncate(bench.path("src", "sparse.bin"), 4 * 2 ** 30);
  await ada.drop(bench.path("src", "sparse.bin"));
  await ada.state("Taking in");
  await ada.isInTheMiddle();
  await ada.pictures("staging");
  await ada.page.reload();
  await ada.card.waitFor({ state: "detached" });
  assert.deepEqual(await readTree(bench.path("ada", "home", "uploads")), {});
});
