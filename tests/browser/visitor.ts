// One page in a real browser, like that of a user: in a separate context, with its errors collected, files dropped by
// the browser's own drag and drop, and screenshots.

/// <reference lib="dom" />

import assert from "node:assert/strict";
import type { Browser, BrowserContext, Locator, Page } from "playwright-core";

const DESKTOP = { width: 1280, height: 900 };
const PHONE = { width: 360, height: 740 };
const DRAG_EVENTS = ["dragEnter", "dragOver", "drop"] as const;
/** For two cores that other work shares. */
const EVENT_LIMIT_MS = 60_000;

/** The folder of screenshots; null for none. */
const PICTURES = Deno.env.get("PLI_SCREENSHOTS") ?? null;

export class Visitor implements AsyncDisposable {
  /** Errors of the page, scripts run from a name, and violations of the policy. */
  readonly #faults: string[] = [];

  private constructor(readonly context: BrowserContext, readonly page: Page) {}

  static async open(browser: Browser, url: string): Promise<Visitor> {
    const permissions = ["clipboard-read", "clipboard-write"];
    const context = await browser.newContext({ locale: "en-GB", viewport: DESKTOP, permissions });
    const page = await context.newPage();
    page.setDefaultTimeout(EVENT_LIMIT_MS);
    const visitor = new Visitor(context, page);
    visitor.#listen();
    await page.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", ({ violatedDirective }) => {
        reportError(new Error(`policy: ${violatedDirective}`));
      });
    });
    await page.goto(url);
    await visitor.sees("Drop files or folders here");
    return visitor;
  }

  async sees(text: string): Promise<void> {
    await this.page.getByText(text, { exact: true }).first().waitFor();
  }

  async press(name: string): Promise<void> {
    await this.page.getByRole("button", { name, exact: true }).click();
  }

  /** The latest card. */
  get card(): Locator {
    return this.page.locator(".card").first();
  }

  /** Resolves when the latest card is in this state; rejects when it fails. */
  async state(name: string): Promise<void> {
    await this.card.locator(".state", { hasText: new RegExp(`^(${name}|Failed)$`) }).waitFor();
    assert.equal(await this.card.locator(".state").textContent(), name, await this.card.textContent() ?? "");
  }

  /** Removes the latest card, whose transfer has ended. */
  async removeCard(): Promise<void> {
    await this.card.getByRole("button", { name: "Remove" }).click();
    await this.card.waitFor({ state: "detached" });
  }

  /** Drops real files and folders, through the browser's own drag and drop. */
  async drop(...files: string[]): Promise<void> {
    const session = await this.context.newCDPSession(this.page);
    const data = { items: [], files, dragOperationsMask: 1 };
    for (const type of DRAG_EVENTS) {
      await session.send("Input.dispatchDragEvent", { type, x: 300, y: 250, data });
    }
    await session.detach();
  }

  /** The ticket of the latest share, by its button and the clipboard. */
  async copyTicket(): Promise<string> {
    await this.state("Ready");
    await this.card.getByRole("button", { name: "Copy" }).click();
    await this.sees("Copied");
    return await this.page.evaluate(() => navigator.clipboard.readText());
  }

  /** Opens the dialog that lists this computer's folders. */
  async openChooser(): Promise<void> {
    await this.press("Choose…");
    await this.page.getByRole("button", { name: "Choose from this computer" }).click();
  }

  /** Chooses one name in a folder of this computer, and sends it. */
  async choose(folder: string, name: string): Promise<void> {
    await this.openChooser();
    await this.page.getByRole("textbox", { name: "Path" }).fill(folder);
    await this.page.keyboard.press("Enter");
    const row = this.page.getByRole("listbox", { name: folder }).getByRole("option").filter({
      hasText: name,
    });
    await row.locator(".box").click();
    await this.page.getByRole("dialog").getByRole("button", { name: "Send" }).click();
  }

  /** Pastes a ticket, and awaits its preview. */
  async look(ticket: string): Promise<void> {
    await this.page.locator(".ticket-field").fill(ticket);
    await this.press("Look inside");
    await this.page.getByRole("dialog").waitFor();
  }

  /** Consents to hidden names, or to replacing files. */
  async consent(): Promise<void> {
    await this.page.getByRole("dialog").getByLabel("I want them").check();
  }

  /** Accepts the offer. */
  async receive(): Promise<void> {
    await this.page.getByRole("dialog").getByRole("button", { name: "Receive" }).click();
    await this.page.getByRole("dialog").waitFor({ state: "detached" });
  }

  /** Resolves when the latest download has received bytes, and is incomplete. */
  async isInTheMiddle(): Promise<void> {
    await this.page.waitForFunction(() => {
      const now = Number(document.querySelector(".card [role=progressbar]")?.getAttribute("aria-valuenow"));
      return now > 2;
    });
  }

  /** Opens the list of files of the latest card. */
  async openFiles(): Promise<void> {
    await this.card.locator("summary", { hasText: "Files" }).click();
  }

  /** Resolves when the list of files shows a state for a file. */
  async fileSays(name: string, state: RegExp): Promise<void> {
    const row = this.card.locator(".row", { hasText: name });
    await row.locator(".row-state", { hasText: state }).waitFor();
  }

  /** Screenshots: light, dark, and on a phone. */
  async pictures(name: string): Promise<void> {
    if (PICTURES === null) return;
    const picture = (look: string) =>
      this.page.screenshot({
        path: `${PICTURES}/${name}-${look}.png`,
        fullPage: true,
        animations: "disabled",
      });
    await picture("light");
    await this.page.emulateMedia({ colorScheme: "dark" });
    await picture("dark");
    await this.page.emulateMedia({ colorScheme: "light" });
    await this.page.setViewportSize(PHONE);
    await picture("phone");
    await this.page.setViewportSize(DESKTOP);
  }

  /** Fails if the page had an error. */
  assertNoErrors(): void {
    assert.deepEqual(this.#faults, []);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.context.close();
  }

  #listen(): void {
    this.page.on("pageerror", (error) => this.#faults.push(String(error)));
    this.page.on("dialog", async (dialog) => {
      if (dialog.type() !== "beforeunload") this.#faults.push(`${dialog.type()}: ${dialog.message()}`);
      await dialog.accept();
    });
    this.page.on("console", (message) => {
      const text = message.text();
      // A server that was killed, and one that refuses the token of an earlier run.
      if (message.type() === "error" && !/ERR_|\b401\b/.test(text)) this.#faults.push(text);
    });
  }
}
