// Two real plis that serve their pages, each with its own home and download folder, and a browser.

import assert from "node:assert/strict";
import { type Browser, chromium } from "playwright-core";
import { freePort } from "../product/free_port.ts";
import { Bench, type Running } from "../product/processes.ts";
import { pliCommand } from "../product/program.ts";
import { needing } from "../left_out.ts";
import { ARGUMENTS, CHROMIUM, NO_BROWSER } from "./chromium.ts";
import { Visitor } from "./visitor.ts";

/** A pli that serves its page; it can be killed and started again. */
export class PageProcess {
  readonly folder: string;
  readonly port = freePort();
  #running: Running | null = null;
  #isKilled = false;

  constructor(readonly bench: Bench, readonly name: string) {
    this.folder = bench.path(name, "Downloads");
  }

  /** Starts pli; resolves to the address that opens its page. */
  async start(
    [program, ...before]: readonly [string, ...string[]] = pliCommand,
    ...more: readonly string[]
  ): Promise<string> {
    await Deno.mkdir(this.folder, { recursive: true });
    const options = ["--no-open", "--port", `${this.port}`, "--relay", "disabled", "--dir", this.folder];
    this.#isKilled = false;
    this.#running = this.bench.run(program, [...before, "ui", ...options, ...more], {
      env: { PLI_HOME: this.bench.path(this.name, "home") },
    });
    const url = await this.#running.stdout.first((line) => /^http:\S+$/.exec(line)?.[0]);
    assert.ok(url !== undefined, this.#running.output);
    return url;
  }

  get process(): Deno.ChildProcess {
    return this.#running!.process;
  }

  /** Its output without addresses. */
  get warnings(): string[] {
    return this.#running!.stderr.all.filter((line) => /warning|error/i.test(line));
  }

  async kill(signal: "SIGKILL" | "SIGTERM" = "SIGKILL"): Promise<void> {
    this.#isKilled = true;
    await this.#running!.stop(signal);
  }

  /** Suspends the process during `work`, so that a transfer stays incomplete. */
  async held(work: () => Promise<void>): Promise<void> {
    this.process.kill("SIGSTOP");
    try {
      await work();
    } finally {
      if (!this.#isKilled) this.process.kill("SIGCONT");
    }
  }
}

export interface Scene {
  bench: Bench;
  browser: Browser;
  sending: PageProcess;
  receiving: PageProcess;
  /** At the page of `sending`. */
  ada: Visitor;
  /** At the page of `receiving`, in another context of the browser. */
  bob: Visitor;
}

/** A test with a browser; ignored with the reason where there is none. */
export function browserTest(name: string, work: (bench: Bench, browser: Browser) => Promise<void>): void {
  Deno.test({
    ...needing(name, NO_BROWSER),
    // The driver of the browser keeps timers.
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      await using bench = await Bench.make();
      const browser = await chromium.launch({ executablePath: CHROMIUM, args: [...ARGUMENTS] });
      try {
        await work(bench, browser);
      } finally {
        await browser.close();
      }
    },
  });
}

/** A test with two plis and a page of each, which fails at any error in the pages. */
export function pageTest(name: string, work: (scene: Scene) => Promise<void>): void {
  browserTest(name, async (bench, browser) => {
    const sending = new PageProcess(bench, "ada");
    const receiving = new PageProcess(bench, "bob");
    await using ada = await Visitor.open(browser, await sending.start());
    await using bob = await Visitor.open(browser, await receiving.start());
    await work({ bench, browser, sending, receiving, ada, bob });
    for (const visitor of [ada, bob]) visitor.assertNoErrors();
    assert.deepEqual([...sending.warnings, ...receiving.warnings], []);
  });
}
