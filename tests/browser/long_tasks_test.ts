// 10,000 files in the page: few elements, and no long task. The measure is the CPU time of the page's thread, in the best
// of some rounds, because wall time includes other work on the machine.

/// <reference lib="dom" />

import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { report } from "../report.ts";
import { download, IDLE } from "../web/ui/scripted_state.ts";
import { openPreview, shows, stageTest } from "./stage.ts";

const ROUNDS = 3;
const GOAL_MS = 50;

/** One event of a trace: its times are in µs, `tdur` is CPU time of its thread. */
interface TraceEvent {
  name: string;
  pid: number;
  tid: number;
  dur?: number;
  tdur?: number;
  args: { name?: string };
}

/** The longest task of the page's thread during `work`, in ms: wall time and CPU time. */
async function longestTask(
  page: Page,
  work: () => Promise<void>,
): Promise<{ wallMs: number; workedMs: number }> {
  const browser = page.context().browser()!;
  await browser.startTracing(page, { categories: ["toplevel", "disabled-by-default-devtools.timeline"] });
  await work();
  const { traceEvents }: { traceEvents: TraceEvent[] } = JSON.parse(
    new TextDecoder().decode(await browser.stopTracing()),
  );
  const threadOf = ({ pid, tid }: TraceEvent) => `${pid} ${tid}`;
  const isMain = ({ name, args }: TraceEvent) => name === "thread_name" && args.name === "CrRendererMain";
  const threads = new Set(traceEvents.filter(isMain).map(threadOf));
  const tasks = traceEvents.filter((event) => event.name === "RunTask" && threads.has(threadOf(event)));
  assert.ok(tasks.length > 100, `${tasks.length} tasks were traced`);
  const most = (values: number[]) => values.reduce((most, value) => Math.max(most, value), 0) / 1_000;
  return {
    wallMs: most(tasks.map(({ dur = 0 }) => dur)),
    workedMs: most(tasks.map(({ tdur = 0 }) => tdur)),
  };
}

/** Scrolls a list by the wheel, frame by frame, down to its end and up again. */
async function scroll(page: Page, selector: string): Promise<void> {
  await page.locator(selector).evaluate(async (list) => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    for (let turn = 0; turn < 90; turn++) {
      list.scrollTop = turn < 60 ? turn * 400 : list.scrollHeight * (90 - turn) / 30;
      await frame();
    }
    list.scrollTop = list.scrollHeight;
    await frame();
  });
}

stageTest("10,000 files are few elements, and cause no long task", async ({ server, step, withPage }) => {
  const best = async (what: string, work: (page: Page) => Promise<void>) => {
    let least = { wallMs: Infinity, workedMs: Infinity };
    for (let round = 0; round < ROUNDS && least.wallMs > GOAL_MS; round++) {
      await withPage({}, async (page) => {
        await shows(page, "Under way");
        const { wallMs, workedMs } = await longestTask(page, () => work(page));
        least = {
          wallMs: Math.min(least.wallMs, wallMs),
          workedMs: Math.min(least.workedMs, workedMs),
        };
      });
    }
    const { wallMs, workedMs } = least;
    report(
      `${what}: a task of ${wallMs.toFixed(0)} ms, ${workedMs.toFixed(0)} of them work (goal ${GOAL_MS})`,
    );
    assert.ok(workedMs <= GOAL_MS, `${workedMs} ms`);
  };

  await step(
    "to look at, walk through and choose from",
    () =>
      best("a preview of 10,000 files", async (page) => {
        await openPreview(page);
        const list = page.getByRole("listbox");
        await list.focus();
        for (let turn = 0; turn < 10; turn++) await page.keyboard.press("PageDown");
        await scroll(page, "dialog .list");
        await page.keyboard.press("End");
        await shows(page, "take 10000.flac");
        await page.keyboard.press(" ");
        await shows(page, "9,999 of 10,000 chosen");
        assert.ok(await page.locator(".row").count() < 200);
      }),
  );

  await step("to follow while they arrive", async () => {
    server.state = { ...IDLE, downloads: [download({ id: "d" })] };
    await best("a download of 10,000 files", async (page) => {
      await page.locator(".card summary", { hasText: "Files" }).click();
      await shows(page, "take 00001.flac");
      await scroll(page, ".card .list");
      await shows(page, "take 10000.flac");
      assert.ok(await page.locator(".row").count() < 200);
    });
  });
});
