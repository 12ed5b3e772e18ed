// The layout of the page on unusual screens, and its animations with reduced motion.

/// <reference lib="dom" />

import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { BUSY, download, share } from "../web/ui/scripted_state.ts";
import { openPreview, overflow, shows, stageTest } from "./stage.ts";

/** Maximum length of a readable line. */
const LONGEST_LINE_EM = 48;
const SMALLEST_TEXT_PX = { desktop: 12, large: 18 };

const LONG_NAME = `${"a very long name without an end ".repeat(7)}.tar.gz`;
const EXTREMES = {
  ...BUSY,
  shares: [share({ id: "s", title: LONG_NAME, files: 1, bytes: 1, doneBytes: 1 })],
  downloads: [
    download({ id: "d", title: "x".repeat(250), bytes: 3e12, doneBytes: 29e11, bytesPerSecond: 118 }),
    download({
      id: "u",
      state: "unfinished",
      folder: `/home/ada/${"deep/".repeat(60)}`,
      failure: { code: "disk_full", parameters: { path: `/home/ada/${"y".repeat(200)}` } },
    }),
  ],
};

/** Elements with animations, while files are dragged over the page and dropped. */
async function movements(page: Page): Promise<number> {
  return await page.evaluate(async () => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File(["x"], "x"));
    document.body.dispatchEvent(
      new DragEvent("dragover", { dataTransfer, bubbles: true, cancelable: true }),
    );
    let most = 0;
    for (let turn = 0; turn < 10; turn++) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
      most = Math.max(most, document.getAnimations().length);
    }
    return most;
  });
}

/** The smallest visible text, in pixels. */
function smallestText(page: Page): Promise<number> {
  return page.evaluate(() => {
    const walker = document.createTreeWalker(document.querySelector("#page")!, NodeFilter.SHOW_TEXT);
    let smallest = Infinity;
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      if (node.textContent!.trim() === "") continue;
      smallest = Math.min(smallest, parseFloat(getComputedStyle(node.parentElement!).fontSize));
    }
    return smallest;
  });
}

/** The longest line of running text, in its own ems. */
function longestLine(page: Page): Promise<number> {
  return page.evaluate(() =>
    Math.max(
      ...[...document.querySelectorAll(".note, .failure")].map((one) =>
        one.getBoundingClientRect().width / parseFloat(getComputedStyle(one).fontSize)
      ),
    )
  );
}

/** Whether the first letter of every title is visible. */
function beginsInSight(page: Page): Promise<boolean> {
  return page.evaluate(() =>
    [...document.querySelectorAll(".card-head bdi")].every((title) => {
      const range = document.createRange();
      range.setStart(title.firstChild!, 0);
      range.setEnd(title.firstChild!, 1);
      const [letter, line] = [range, title].map((one) => one.getBoundingClientRect());
      return letter.left >= line.left - 1 && letter.right <= line.right + 1;
    })
  );
}

stageTest("the page on every screen", async ({ server, step, withPage, picture }) => {
  await step("no element is animated with reduced motion", async () => {
    await withPage({ reducedMotion: "no-preference" }, async (page) => {
      await shows(page, "Under way");
      assert.ok(await movements(page) > 0);
    });
    await withPage({ reducedMotion: "reduce" }, async (page) => {
      await shows(page, "Under way");
      assert.equal(await movements(page), 0);
      await openPreview(page);
      assert.equal(await page.evaluate(() => document.getAnimations().length), 0);
    });
  });

  server.state = EXTREMES;
  await step(
    "4K: one column of readable width, and no tiny text",
    () =>
      withPage({ viewport: { width: 3840, height: 2160 } }, async (page) => {
        await shows(page, "Under way");
        await picture(page, "4k");
        const { width } = await page.locator("#page").evaluate((one) => one.getBoundingClientRect());
        assert.ok(width < 3840 / 2, `${width} px`);
        assert.ok(await smallestText(page) >= SMALLEST_TEXT_PX.large, `${await smallestText(page)} px`);
        assert.ok(await longestLine(page) <= LONGEST_LINE_EM, `${await longestLine(page)} em`);
        await openPreview(page);
        await picture(page, "4k-preview");
      }),
  );

  for (const language of ["en", "de", "ar"]) {
    await step(
      `360 px: names and sizes of any length fit (${language})`,
      () =>
        withPage({ viewport: { width: 360, height: 740 } }, async (page) => {
          await page.locator(".card").first().waitFor();
          server.publish({ type: "settings", settings: { ...BUSY.settings, language } });
          await page.locator(`html[lang=${language}]`).waitFor();
          await picture(page, `extremes-${language}`, true);
          assert.equal(await overflow(page), 0);
          assert.ok(await smallestText(page) >= SMALLEST_TEXT_PX.desktop, `${await smallestText(page)} px`);
          const cut = await page.evaluate(() =>
            [...document.querySelectorAll("button, .figures span, .state")].flatMap((one) =>
              one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).display !== "inline"
                ? [one.textContent]
                : []
            )
          );
          assert.deepEqual(cut, []);
          assert.equal(await beginsInSight(page), true, "a name is cut at its beginning");
        }),
    );
  }
});
