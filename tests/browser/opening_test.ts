// Opening the page in a real browser: by the file that redirects, and by the typed code; and what is shown when a code
// is used twice.

/// <reference lib="dom" />

import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { formatTicket } from "../../src/engine/mod.ts";
import { eventually } from "../time_limits.ts";
import type { Bench, RunningPli } from "../product/processes.ts";
import { browserTest } from "./page_processes.ts";

const PICTURES = Deno.env.get("PLI_SCREENSHOTS") ?? null;
const LINE = ["--relay", "disabled"];

interface Listening {
  url: string;
  file: string;
  code: string;
}

function startPage(bench: Bench, ...more: string[]): RunningPli {
  return bench.pli(["ui", ...LINE, ...more], { home: bench.path("home") });
}

async function lineOf<T>(pli: RunningPli, type: string): Promise<T> {
  const found = await pli.stdout.first((text) => text.includes(`"${type}"`) ? JSON.parse(text) : undefined);
  assert.ok(found !== undefined, pli.output);
  return found;
}

async function pageOf(browser: Browser): Promise<Page> {
  const context = await browser.newContext({ locale: "en-GB", viewport: { width: 1280, height: 900 } });
  return await context.newPage();
}

async function shows(page: Page, text: string): Promise<void> {
  await page.getByText(text).first().waitFor();
}

async function type(page: Page, code: string): Promise<void> {
  await page.getByRole("textbox", { name: "Code" }).fill(code);
  await page.getByRole("button", { name: "Open" }).click();
}

/** Types a wrong code, and awaits the message. */
async function guess(page: Page, code: string): Promise<void> {
  const answered = page.waitForResponse((response) => response.url().endsWith("/api/session"));
  await type(page, code);
  await answered;
  await page.getByRole("button", { name: "Open", disabled: false }).waitFor();
}

/** Screenshots in light and dark, if they are kept. */
async function pictures(page: Page, name: string): Promise<void> {
  if (PICTURES === null) return;
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: `${PICTURES}/${name}-${colorScheme}.png` });
  }
  await page.emulateMedia({ colorScheme: "light" });
}

browserTest("E.15 the file that pli opens redirects to the page, and is removed", async (bench, browser) => {
  const pli = startPage(bench);
  const { url, file } = await lineOf<Listening>(pli, "listening");
  const page = await pageOf(browser);
  await page.goto(pathToFileURL(file).href).catch(() => {});
  await shows(page, "Drop files or folders here");
  assert.equal(page.url(), `${new URL(url).origin}/`);
  await eventually(() => Deno.stat(file).then(() => false, () => true), "the file is removed");
  await page.reload();
  await shows(page, "Drop files or folders here");
});

browserTest(
  "a link's ticket is in the field of the page, and nothing is requested",
  async (bench, browser) => {
    const ticket = formatTicket({
      endpointId: new Uint8Array(32).fill(7),
      relayUrl: null,
      addresses: [],
      format: "hash_sequence",
      hash: new Uint8Array(32).fill(9),
    });
    const link = `pli:${ticket.toUpperCase()}#x`;
    const first = startPage(bench, link);
    const page = await pageOf(browser);
    const requests: string[] = [];
    page.on("request", (request) => requests.push(request.url()));
    await page.goto((await lineOf<Listening>(first, "listening")).url);
    const field = page.getByRole("textbox", { name: "Ticket" });
    await shows(page, "Drop files or folders here");
    await eventually(async () => await field.inputValue() === ticket, "the ticket is in the field");
    assert.doesNotMatch(page.url(), /blob/);
    // Another pli opens the page that runs.
    const second = startPage(bench, link);
    const other = await pageOf(browser);
    const { url, file } = await lineOf<Listening>(second, "listening");
    await other.goto(pathToFileURL(file).href).catch(() => {});
    const otherField = other.getByRole("textbox", { name: "Ticket" });
    await eventually(
      async () => await otherField.inputValue() === ticket,
      "the ticket is in the other field",
    );
    assert.deepEqual(requests.filter((each) => each.includes("preview")), []);
    // Without a valid code a site could fill the field by a link.
    const third = await pageOf(browser);
    await third.goto(`${new URL(url).origin}/#x.${ticket}`);
    await third.getByRole("textbox", { name: "Code" }).waitFor();
    assert.equal(await third.getByText(ticket).count(), 0);
  },
);

browserTest(
  "E.15 the address without a code shows a field for the code of the terminal",
  async (bench, browser) => {
    const { url, code } = await lineOf<Listening>(startPage(bench), "listening");
    const page = await pageOf(browser);
    await page.goto(new URL(url).origin);
    await shows(page, "Type the code to open this page");
    await pictures(page, "code");
    await type(page, "AAAA-AAAA");
    await shows(page, "This code is not valid, or not any more.");
    const paced = page.getByText("Too many wrong codes.");
    // On a busy computer the rate limit may allow another guess.
    for (let turn = 0; turn < 30 && await paced.count() === 0; turn++) await guess(page, "AAAA-AAAA");
    await paced.waitFor();
    await pictures(page, "code-paced");
    const open = page.getByText("Drop files or folders here");
    // Until the rate limit allows an attempt.
    while (await open.count() === 0) {
      await type(page, code.toLowerCase().replace("-", " "));
      await open.or(paced).first().waitFor();
    }
  },
);

browserTest("E.15 a code that is used twice closes every tab, with the reason", async (bench, browser) => {
  const pli = startPage(bench);
  const { url } = await lineOf<Listening>(pli, "listening");
  const [first, second] = [await pageOf(browser), await pageOf(browser)];
  await first.goto(url);
  await shows(first, "Drop files or folders here");
  await second.goto(url);
  for (const page of [first, second]) {
    await shows(page, "This code was used before, so another program may have it.");
  }
  await pictures(first, "code-reused");
  const { code, message } = await lineOf<{ code: string; message: string }>(pli, "notice");
  assert.equal(code, "code_reused");
  assert.match(message, /used twice/);
  // Another pli of the user opens it again; the page shows the reason.
  const again = startPage(bench);
  await second.goto((await lineOf<Listening>(again, "listening")).url);
  await shows(second, "A code that opens pli’s page was used twice");
  await pictures(second, "notice");
  assert.equal(await again.ended(), 0);
  await second.getByRole("button", { name: "Close" }).first().click();
  await second.getByText("was used twice").waitFor({ state: "detached" });
});
