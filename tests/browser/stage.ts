// The fixture of the page without a real server: the fake server, a browser, and pages with a session. The browser is
// PLI_CHROMIUM or Debian's; PLI_SCREENSHOTS names a folder for screenshots.

/// <reference lib="dom" />

import assert from "node:assert/strict";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { buildPage } from "../../scripts/build_page.ts";
import type { PageFiles } from "../../src/web/assets.ts";
import { FakeServer } from "../web/ui/fake_server.ts";
import { BUSY, manyNames, TICKET } from "../web/ui/scripted_state.ts";
import { needing } from "../left_out.ts";
import { ARGUMENTS, CHROMIUM, NO_BROWSER } from "./chromium.ts";

const PICTURES = Deno.env.get("PLI_SCREENSHOTS") ?? null;
const EVENT_LIMIT_MS = 5_000;

export class Stage {
  constructor(
    readonly files: PageFiles,
    readonly server: FakeServer,
    readonly browser: Browser,
    private readonly context: Deno.TestContext,
  ) {}

  readonly step = async (name: string, work: () => Promise<void>): Promise<void> => {
    await this.context.step({ name, fn: work, sanitizeOps: false, sanitizeResources: false });
  };

  /** Opens a page with a session for `work`, during which no error may be reported. `before` runs before it is loaded. */
  readonly withPage = async (
    options: BrowserContextOptions,
    work: (page: Page) => Promise<void>,
    before: (page: Page) => Promise<unknown> = () => Promise.resolve(),
  ): Promise<void> => {
    const faults: string[] = [];
    const own = await this.browser.newContext({
      locale: "en-GB",
      viewport: { width: 1280, height: 900 },
      ...options,
    });
    try {
      const page = await own.newPage();
      page.setDefaultTimeout(EVENT_LIMIT_MS);
      page.on("pageerror", (error) => faults.push(String(error)));
      page.on("console", (message) => {
        const text = message.text();
        // Errors of a lost server, which is one of the tests.
        if (message.type() === "error" && !text.includes("ERR_") && !text.includes("401")) faults.push(text);
      });
      await before(page);
      await page.goto(this.server.url);
      await work(page);
      assert.deepEqual(faults, []);
    } finally {
      await own.close();
    }
  };

  readonly picture = async (page: Page, name: string, fullPage = false): Promise<void> => {
    if (PICTURES !== null) await page.screenshot({ path: `${PICTURES}/${name}.png`, fullPage });
  };
}

/** A test of the page with the fake server; ignored with the reason where there is no browser. */
export function stageTest(name: string, work: (stage: Stage) => Promise<void>): void {
  Deno.test({
    ...needing(name, NO_BROWSER),
    // The driver of the browser keeps timers.
    sanitizeOps: false,
    sanitizeResources: false,
    async fn(context) {
      const files = await buildPage();
      await using server = new FakeServer(files, BUSY, manyNames(10_000));
      await server.listen();
      const browser = await chromium.launch({ executablePath: CHROMIUM, args: [...ARGUMENTS] });
      try {
        await work(new Stage(files, server, browser, context));
      } finally {
        await browser.close();
      }
    },
  });
}

export async function shows(page: Page, text: string): Promise<void> {
  await page.getByText(text).first().waitFor();
}

/** Pastes a ticket, and awaits its preview. */
export async function openPreview(page: Page): Promise<void> {
  await page.locator(".ticket-field").fill(`pli receive ${TICKET}`);
  await page.getByRole("button", { name: "Look inside" }).click();
  await page.getByRole("dialog").waitFor();
}

/** How many pixels the page is wider than its window. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate(() =>
    Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)
  );

/** Presses Tab until the button, the list or the text field with this name has the focus. */
export async function tabTo(page: Page, name: string): Promise<void> {
  for (let turn = 0; turn < 60; turn++) {
    await page.keyboard.press("Tab");
    const found = await page.evaluate(() => {
      const element = document.activeElement;
      // A path is the name of a list, and in a field its value.
      if (element instanceof HTMLInputElement) return null;
      const label = element instanceof HTMLTextAreaElement
        ? element.labels[0].querySelector(".label")
        : element;
      return element?.getAttribute("aria-label") ?? label?.textContent;
    });
    if (found === name) return;
  }
  assert.fail(`the keyboard does not reach ${name}`);
}
