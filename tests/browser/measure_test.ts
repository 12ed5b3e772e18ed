// Load time of the page, and throughput of uploads, measured with the bundle and printed as a line each. The goals are
// those of an idle machine, so only a result far from them fails.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright-core";
import { type Bench, Running } from "../product/processes.ts";
import { bundleCommand, pliCommand, PROGRAM } from "../product/program.ts";
import { noise } from "../product/trees.ts";
import { report } from "../report.ts";
import { browserTest, PageProcess } from "./page_processes.ts";
import { Visitor } from "./visitor.ts";

type Command = typeof pliCommand;

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const DISCARDING = fileURLToPath(new URL("./discarding.ts", import.meta.url));
const ROUNDS = 7;
const UPLOAD_MIB = Number(Deno.env.get("PLI_UPLOAD_MIB") ?? 256);
const UPLOAD_LIMIT_MS = 600_000;

const GOALS = { firstPaintMs: 300, listeningMs: 150, uploadShare: 0.6, memoryMb: 250 };

browserTest("load time of the page, and upload of a large file", async (bench, browser) => {
  const program = await bundled(bench);
  const listeningMs = await measureListening(bench, program);
  report(`pli ui listens ${listeningMs.toFixed(0)} ms after an empty script (goal ${GOALS.listeningMs})`);

  const host = new PageProcess(bench, "ada");
  const url = await host.start(program);
  await using visitor = await Visitor.open(browser, url);
  const firstPaintMs = await measureFirstPaint(visitor);
  report(`first paint ${firstPaintMs.toFixed(0)} ms after navigation, warm (goal ${GOALS.firstPaintMs})`);

  const path = bench.path("large.bin");
  await writeLarge(path);
  const shares: number[] = [];
  const rates: number[] = [];
  for (let round = 0; round < 3; round++) {
    const discardedMs = await measureDiscarded(bench, browser, path);
    const takenMs = await measureTaken(visitor, path);
    shares.push(discardedMs / takenMs);
    rates.push(UPLOAD_MIB * 1000 / takenMs);
  }
  const uploadShare = median(shares);
  report(
    `${UPLOAD_MIB} MiB to their ticket at ${median(rates).toFixed(0)} MiB/s, ` +
      `${uploadShare.toFixed(2)} of an upload that is discarded (goal ${GOALS.uploadShare})`,
  );
  const memoryMb = await peakMb(host.process.pid);
  report(`pli's memory meanwhile: at most ${memoryMb.toFixed(0)} MB (goal ${GOALS.memoryMb})`);

  visitor.assertNoErrors();
  // Times depend on the machine: they are reported, not asserted.
  assert.ok(memoryMb < GOALS.memoryMb, `${memoryMb} MB`);
});

/** The command of the bundle under test; where the sources are tested, one is built. */
async function bundled(bench: Bench): Promise<Command> {
  if (PROGRAM !== null) return pliCommand;
  const bundle = bench.path("bundle", "pli.js");
  const built = bench.run(Deno.execPath(), ["run", "-A", "scripts/build.ts", bundle], { cwd: ROOT });
  assert.equal(await built.ended(), 0, built.output);
  return bundleCommand(bundle);
}

/** Time until pli listens, less the start of Deno, measured in turn. */
async function measureListening(bench: Bench, program: Command): Promise<number> {
  const empty = bench.path("empty.js");
  await Deno.writeTextFile(empty, "");
  const more: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const emptyMs = await timed(() => new Running(Deno.execPath(), ["run", "-A", empty]).ended());
    const host = new PageProcess(bench, `start${round}`);
    const listeningMs = await timed(() => host.start(program));
    await host.kill();
    more.push(listeningMs - emptyMs);
  }
  return median(more);
}

async function measureFirstPaint({ page }: Visitor): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await page.reload();
    await page.locator(".drop").waitFor();
    times.push(
      await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0].startTime),
    );
  }
  return median(times);
}

/** Time from the file input of pli's page to the ticket. */
async function measureTaken(visitor: Visitor, path: string): Promise<number> {
  const takenMs = await timed(async () => {
    await visitor.page.locator("input[type=file]").setInputFiles(path);
    await visitor.page.locator(".ticket-text").waitFor({ timeout: UPLOAD_LIMIT_MS });
  });
  await visitor.press("Stop");
  await visitor.state("Stopped");
  await visitor.removeCard();
  return takenMs;
}

/** Time from a file input to the response of a server that discards the upload. */
async function measureDiscarded(bench: Bench, browser: Browser, path: string): Promise<number> {
  const server = bench.run(Deno.execPath(), ["run", "-A", "--no-check", DISCARDING]);
  const page = await browser.newPage();
  await page.goto((await server.stdout.first((line) => line))!);
  const takenMs = await timed(async () => {
    await page.locator("input").setInputFiles(path);
    await page.evaluate(async () => {
      const [body] = document.querySelector("input")!.files!;
      await (await fetch("/", { method: "PUT", body })).text();
    });
  });
  await page.close();
  await server.stop();
  return takenMs;
}

async function writeLarge(path: string): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true });
  for (let piece = 0; piece < UPLOAD_MIB / 8; piece++) await file.write(noise(8 << 20, piece));
}

/** Peak memory of a process. */
async function peakMb(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/VmHWM:\s+(\d+)/.exec(status)![1]) * 1024 / 1e6;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}
