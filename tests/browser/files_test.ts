// The list of the files of a download, without a real server: the text of each row, the number and size of requests, and
// a stable layout.

import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { download, IDLE } from "../web/ui/scripted_state.ts";
import { stageTest } from "./stage.ts";

/** Maximum number of rows in one request: those of a screen, and a margin. */
const MOST_ROWS = 60;

const openList = (page: Page) => page.locator(".card summary", { hasText: "Files" }).click();
const row = (page: Page, number: number) => page.locator(`[role=listitem][aria-posinset="${number}"]`);

stageTest("each file of a download shows its progress", async ({ server, step, withPage, picture }) => {
  const requests = () => server.requests.filter(({ path }) => path.startsWith("/api/downloads/d/files"));
  server.state = { ...IDLE, downloads: [download({ id: "d" })] };

  await step(
    "complete, under way or pending, and updated in place",
    () =>
      withPage({}, async (page) => {
        server.doneBytesOf = (index, bytes) => index < 2 ? bytes : index === 2 ? bytes * 0.42 : 0;
        await openList(page);
        await row(page, 2).getByText("there", { exact: true }).waitFor();
        await row(page, 3).getByText("42%").waitFor();
        await row(page, 4).getByText("to come").waitFor();
        await picture(page, "files", true);
        const places = () =>
          page.evaluate(() =>
            [...document.querySelectorAll(".row, .row-size")].map((one) => {
              const { x, y, width, height } = one.getBoundingClientRect();
              return [x, y, width, height].map(Math.round);
            })
          );
        // The screenshot of the whole page enlarged the window for more rows, which need a further response.
        await page.waitForFunction(() =>
          [...document.querySelectorAll(".row")].every((one) => one.querySelector(".row-size") !== null)
        );
        const before = await places();
        server.doneBytesOf = (index, bytes) => index < 3 ? bytes : index === 3 ? bytes * 0.999 : 0;
        await row(page, 3).getByText("there", { exact: true }).waitFor();
        await row(page, 4).getByText("99%").waitFor();
        assert.deepEqual(await places(), before);
      }),
  );

  await step(
    "of 10,000 files the visible ones are requested, at most twice a second",
    () =>
      withPage({}, async (page) => {
        await openList(page);
        await row(page, 1).getByText("there").waitFor();
        const startMs = Date.now();
        const first = requests().length;
        for (let done = 0; done < 150; done++) {
          server.publish({
            type: "download",
            download: download({ id: "d", doneBytes: done * 3e7, filesDone: done }),
          });
          await page.waitForTimeout(20);
        }
        const perSecond = 1000 * (requests().length - first) / (Date.now() - startMs);
        assert.ok(perSecond > 0.3 && perSecond <= 2, `${perSecond} a second`);
        for (const { path } of requests()) {
          const count = Number(new URLSearchParams(path.split("?")[1]).get("count"));
          assert.ok(count > 0 && count <= MOST_ROWS, `${count} rows`);
        }
        await page.locator(".list").evaluate((list) => list.scrollTop = list.scrollHeight);
        await row(page, 10_000).getByText("take 10000.flac").waitFor();
        assert.ok(await page.locator(".row").count() <= MOST_ROWS);
      }),
  );

  await step(
    "a reloaded page shows the same; a paused download sends one request, a closed list none",
    () =>
      withPage({}, async (page) => {
        server.doneBytesOf = (index, bytes) => index === 0 ? bytes / 2 : 0;
        await page.locator(".card").waitFor();
        await page.reload();
        await openList(page);
        await row(page, 1).getByText("50%").waitFor();
        server.publish({ type: "download", download: download({ id: "d", state: "paused" }) });
        await page.getByText("Paused", { exact: true }).waitFor();
        await page.waitForTimeout(1_000);
        const count = requests().length;
        await page.waitForTimeout(2_000);
        assert.equal(requests().length, count);
        await row(page, 1).getByText("50%").waitFor();
        server.publish({ type: "download", download: download({ id: "d" }) });
        await page.waitForTimeout(1_000);
        assert.ok(requests().length > count);
        await openList(page);
        await page.waitForTimeout(500);
        const closed = requests().length;
        await page.waitForTimeout(2_000);
        assert.equal(requests().length, closed);
      }),
  );

  await step(
    "a download of an earlier run shows when its files are listed, and its list stays open",
    async () => {
      const names = server.preview;
      server.preview = { names: [] };
      await withPage({}, async (page) => {
        await page.locator(".card").waitFor();
        server.publish({ type: "download", download: download({ id: "d", state: "unfinished" }) });
        await page.getByRole("region", { name: "Unfinished" }).locator(".card").waitFor();
        await openList(page);
        await page.getByText("The files are listed once the sender is reached again.").waitFor();
        server.preview = names;
        server.publish({ type: "download", download: download({ id: "d" }) });
        await page.getByRole("region", { name: "Under way" }).locator(".card").waitFor();
        await row(page, 1).getByText("50%").waitFor();
      });
    },
  );
});
