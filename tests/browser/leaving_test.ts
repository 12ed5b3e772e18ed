// Closing and hiding the page: the warning while an upload would be lost, the notification of an ended transfer, and the
// system's dialog for passing a ticket on.

/// <reference lib="dom" />

import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { eventually } from "../time_limits.ts";
import { download, IDLE, share, TICKET } from "../web/ui/scripted_state.ts";
import { shows, type Stage, stageTest } from "./stage.ts";

/** Records the calls of the page for notifications and share sheets. */
const NOTED = `
  globalThis.noted = [];
  globalThis.Notification = new Proxy(Notification, {
    construct(target, [title, options]) {
      noted.push([title, options.body]);
      return new target(title, options);
    },
  });
`;
const noted = (page: Page) => page.evaluate(() => (globalThis as unknown as { noted: unknown[] }).noted);

/** Closes the page; resolves to whether the browser showed a confirmation. */
async function isConfirmedBeforeClosing(page: Page): Promise<boolean> {
  let isConfirmed = false;
  const stay = page.waitForEvent("dialog", { timeout: 2_000 }).then(async (dialog) => {
    isConfirmed = dialog.type() === "beforeunload";
    await dialog.dismiss();
  }, () => {});
  await page.close({ runBeforeUnload: true });
  await stay;
  return isConfirmed;
}

async function drop(page: Page): Promise<void> {
  // The browser shows no confirmation for a page without a user gesture.
  await page.locator("h1").click();
  await page.evaluate(() => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File(["x"], "x.txt"));
    document.body.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
  });
}

stageTest("leaving the page", async (stage) => {
  const { server, step, withPage } = stage;

  server.state = { ...IDLE, shares: [share({ id: "s" })], downloads: [download({ id: "d" })] };
  await step("closing a tab is not confirmed while only pli transfers", () =>
    withPage({}, async (page) => {
      await shows(page, "Under way");
      await page.locator("h1").click();
      assert.equal(await isConfirmedBeforeClosing(page), false);
    }));

  await step(
    "closing a tab is confirmed while it uploads, and not afterwards",
    () =>
      withPage({}, async (page) => {
        await shows(page, "Under way");
        const { promise: released, resolve: release } = Promise.withResolvers<void>();
        await page.route("**/files", async (route) => {
          await released;
          await route.continue();
        });
        const begun = page.waitForRequest("**/files");
        const ended = page.waitForResponse("**/complete");
        await drop(page);
        await begun;
        assert.equal(await isConfirmedBeforeClosing(page), true);
        release();
        await (await ended).finished();
        await page.waitForTimeout(200);
        assert.equal(await isConfirmedBeforeClosing(page), false);
      }),
  );

  await step("a tab that is closed cancels its uploads", () =>
    withPage({}, async (page) => {
      await shows(page, "Under way");
      await page.route("**/files", () => {});
      const begun = page.waitForRequest("**/files");
      await drop(page);
      const id = /uploads\/([^/]+)/.exec((await begun).url())![1];
      page.on("dialog", (dialog) => dialog.accept());
      await page.goto("about:blank");
      const isCancelled = () =>
        server.requests.some(({ method, path }) => method === "DELETE" && path === `/api/uploads/${id}`);
      await eventually(isCancelled, "the upload is cancelled");
    }));

  await step("ended transfers are notified while the page is hidden, if enabled", () => notifications(stage));

  server.state = { ...IDLE, shares: [share({ id: "s" })] };
  await step("a ticket is passed to the share sheet of the system, where there is one", async () => {
    const sheet = (page: Page) => page.getByRole("button", { name: "Share…" });
    await withPage({}, async (page) => {
      await sheet(page).click();
      assert.deepEqual(await noted(page), [{ text: TICKET }]);
    }, (page) =>
      page.addInitScript(`
        globalThis.noted = [];
        navigator.share = async (data) => { noted.push(data); throw new DOMException("", "AbortError"); };
      `));
    await withPage({}, async (page) => {
      await page.getByRole("button", { name: "QR code" }).waitFor();
      assert.equal(await sheet(page).count(), 0);
    }, (page) => page.addInitScript("delete Navigator.prototype.share"));
  });
});

/** Enables notifications in the settings, hides the page, and ends a download and a share. */
async function notifications({ server, withPage }: Stage): Promise<void> {
  server.state = { ...IDLE, shares: [share({ id: "s" })], downloads: [download({ id: "d" })] };
  const look = async (page: Page, isHidden: boolean) =>
    await page.evaluate((isHidden) => {
      Object.defineProperty(document, "hidden", { configurable: true, get: () => isHidden });
    }, isHidden);
  const end = async (page: Page) => {
    server.publish({ type: "download", download: download({ id: "d", state: "done" }) });
    server.publish({ type: "share", share: share({ id: "s", state: "delivered" }) });
    await page.locator(".unseen[role=status]", { hasText: "Holiday in Brittany: Delivered" }).waitFor();
  };
  const turnOn = async (page: Page) => {
    await page.getByRole("button", { name: "Settings" }).click();
    await page.getByRole("button", { name: "Turn on" }).click();
  };
  const before = (page: Page) => page.addInitScript(NOTED);

  await withPage({ permissions: ["notifications"] }, async (page) => {
    await turnOn(page);
    await shows(page, "Notifications are on");
    await look(page, true);
    await end(page);
    assert.deepEqual(await noted(page), [["pli: Received", "Recordings"], [
      "pli: Delivered",
      "Holiday in Brittany",
    ]]);
    // The visible page shows it instead of a notification.
    await look(page, false);
    server.publish({ type: "download", download: download({ id: "d2", state: "done" }) });
    await page.locator(".unseen[role=status]", { hasText: "Recordings: Received" }).waitFor();
    assert.equal((await noted(page)).length, 2);
  }, before);

  await withPage({ permissions: ["notifications"] }, async (page) => {
    await shows(page, "Under way");
    await look(page, true);
    await end(page);
    assert.deepEqual(await noted(page), [], "notifications are not enabled");
  }, before);

  await withPage({ permissions: [] }, async (page) => {
    await turnOn(page);
    await shows(page, "This browser does not allow notifications.");
    await look(page, true);
    await end(page);
    assert.deepEqual(await noted(page), []);
  }, before);
}
