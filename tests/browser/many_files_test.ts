// Ten thousand dropped files: the time to their ticket beside that of the same folder chosen from this computer, while
// another tab is used.

import { noise, writeTree } from "../product/trees.ts";
import { report } from "../report.ts";
import { pageTest } from "./page_processes.ts";
import { Visitor } from "./visitor.ts";

const FILES = 10_000;
const DROPS = 3;

pageTest("10,000 files are dropped, again and again, and the page answers meanwhile", async (scene) => {
  const { bench, ada } = scene;
  const content = noise(700);
  const tree = Object.fromEntries(
    Array.from({ length: FILES }, (_, at) => [`many/${at % 100}/${at}.txt`, content.subarray(0, at % 700)]),
  );
  await writeTree(bench.path("src"), tree);
  const chosenMs = await timed(async () => {
    await ada.choose(bench.path("src"), "many");
    await ada.page.locator(".ticket-text").waitFor();
  });
  await end(ada);
  const droppedMs: number[] = [];
  const waits: number[] = [];
  for (let drop = 0; drop < DROPS; drop++) {
    droppedMs.push(
      await timed(async () => {
        await ada.drop(bench.path("src", "many"));
        const ticket = ada.page.locator(".ticket-text").waitFor().then(() => true);
        for (let isDone = false; !isDone;) {
          waits.push(await ada.page.evaluate(answerMs));
          isDone = await Promise.race([ticket, ada.page.waitForTimeout(300).then(() => false)]);
        }
      }),
    );
    await end(ada);
  }
  const seconds = (ms: number) => (ms / 1000).toFixed(1);
  report(
    `${FILES} files: chosen ${seconds(chosenMs)} s, dropped ${droppedMs.map(seconds).join(", ")} s ` +
      `(goal 3 times), another request meanwhile at most ${Math.max(...waits).toFixed(0)} ms`,
  );
  ada.assertNoErrors();
});

async function end(visitor: Visitor): Promise<void> {
  await visitor.press("Stop");
  await visitor.state("Stopped");
  await visitor.removeCard();
}

/** Runs in the page: how long the server's answer takes that a click needs. */
async function answerMs(): Promise<number> {
  const startMs = performance.now();
  await (await fetch("/api/folders")).text();
  return performance.now() - startMs;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}
