// Collections whose names have a cost beyond their bytes: deep ones, and many folders. With a real receiver each.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { Bench } from "../product/processes.ts";
import { freePort } from "../product/free_port.ts";
import { atMost, computedIn } from "../time_limits.ts";
import { report } from "../report.ts";
import { collection, type FalseProvider, provide } from "./false_provider.ts";
import { mebibytes, MIB, watchMemory } from "./raw.ts";
import { bindIroh } from "../system_ports.ts";

const LOCAL = ["--relay", "disabled", "--bind", "127.0.0.1:0"];
const PAGE = ["--relay", "disabled"];
const TAKE_OFFER = fileURLToPath(new URL("./take_offer.ts", import.meta.url));

/** A provider of files, each below `folders` separate folders. */
function deep(files: number, folders: number): Promise<FalseProvider> {
  const names = Array.from({ length: files }, (_, at) => `d${at}/` + "a/".repeat(folders - 1) + "f");
  return provide(bindIroh, collection(Object.fromEntries(names.map((name) => [name, Uint8Array.of(1)]))));
}

/** A folder in memory where the system has one, independent of other work on the disk. */
async function folderInMemory(bench: Bench): Promise<{ path: string } & AsyncDisposable> {
  const memory = "/dev/shm";
  const hasMemory = await Deno.stat(memory).then(({ isDirectory }) => isDirectory, () => false);
  const path = await Deno.makeTempDir({ dir: hasMemory ? memory : bench.folder, prefix: "pli-test-" });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

/** CPU time of the first thread of a process; the system counts in steps of 10 ms. */
function threadMs(pid: number): number {
  const stat = Deno.readTextFileSync(`/proc/${pid}/task/${pid}/stat`);
  const [user, system] = stat.slice(stat.lastIndexOf(")") + 2).split(" ").slice(11, 13).map(Number);
  return 10 * (user + system);
}

interface OfferCosts {
  code: string;
  files?: number;
  folders: number | null;
  longestMs: number;
  growthBytes: number;
}

async function takeOffer(bench: Bench, ticket: string, out: string): Promise<OfferCosts> {
  const args = ["run", "-A", "--no-check", TAKE_OFFER, ticket, out];
  const taking = bench.run(Deno.execPath(), args);
  assert.equal(await taking.ended(), 0, taking.output);
  return JSON.parse(taking.stdout.all.at(-1)!);
}

Deno.test("E.16 deep names and too many folders are refused, at little cost for the receiver", async () => {
  await using bench = await Bench.make();
  for (
    const [files, folders, code] of [
      [8_000, 1_900, "name_refused"],
      [1_500, 1_900, "name_refused"],
      [100, 255, "limit_exceeded"],
      [20_000, 18, "limit_exceeded"],
    ] as const
  ) {
    const provider = await deep(files, folders);
    const out = bench.path(`out-${files}`);
    const receiver = bench.pli(["receive", ...LOCAL, "-o", `${out}/`, provider.ticket]);
    const watch = watchMemory(receiver.process.pid);
    assert.notEqual(await receiver.ended(), 0);
    const peakBytes = watch.stop();
    const last = receiver.events.at(-1);
    assert.ok(last?.type === "error" && last.code === code, receiver.output.slice(-1_000));
    assert.ok(!receiver.events.some(({ type }) => type === "manifest"));
    await assert.rejects(Deno.lstat(out), Deno.errors.NotFound);
    report(`E.16: ${files} names of ${folders} folders: ${code}, at most ${mebibytes(peakBytes)}`);
    assert.ok(peakBytes < 250 * MIB, mebibytes(peakBytes));
    await provider.endpoint.close();
  }
});

Deno.test("E.16 until an offer is accepted the thread is not blocked, and nothing is created", async () => {
  await using bench = await Bench.make();
  const provider = await deep(30_000, 16);
  const { code, files, folders, longestMs, growthBytes } = await takeOffer(
    bench,
    provider.ticket,
    bench.path("out"),
  );
  assert.deepEqual([code, files, folders], ["declined", 30_000, 480_000]);
  await assert.rejects(Deno.lstat(bench.path("out")), Deno.errors.NotFound);
  report(
    `E.16: an offer of 480,000 folders: at most ${longestMs} ms at a stretch, +${mebibytes(growthBytes)}`,
  );
  assert.ok(longestMs <= computedIn(150), `${longestMs} ms`);
  // The tree of these folders would take 150 MiB.
  assert.ok(growthBytes < 120 * MIB, mebibytes(growthBytes));
  await provider.endpoint.close();
});

Deno.test("E.16 an interrupt ends a receive with very many folders", async () => {
  await using bench = await Bench.make();
  const provider = await deep(6_000, 16);
  await using out = await folderInMemory(bench);
  const receiver = bench.pli(["receive", ...LOCAL, "-o", out.path, provider.ticket]);
  const manifest = await receiver.event("manifest");
  assert.equal(manifest.folders, 96_000);
  await receiver.event("progress");
  const startMs = performance.now();
  receiver.process.kill("SIGINT");
  assert.equal(await receiver.ended(), 130, receiver.output.slice(-1_000));
  const tookMs = performance.now() - startMs;
  report(`E.16: interrupted with 96,000 folders to make: ended after ${Math.round(tookMs)} ms`);
  assert.ok(tookMs < atMost(10_000), `${tookMs} ms`);
  await provider.endpoint.close();
});

Deno.test("E.16 a page responds beside an offer of very many folders, and its other share continues", async () => {
  await using bench = await Bench.make();
  await Deno.writeTextFile(bench.path("honest"), "honest");
  const page = bench.pli(["ui", ...PAGE, "--port", `${freePort()}`]);
  const line = await page.stdout.first((text) => text.includes("listening") ? JSON.parse(text) : undefined);
  const { origin, hash } = new URL(line.url);
  let token = "";
  const call = async (method: string, path: string, body?: object) => {
    const headers = {
      "Content-Type": "application/json",
      "Origin": origin,
      "Authorization": `Bearer ${token}`,
    };
    const answer = await fetch(origin + path, { method, headers, body: body && JSON.stringify(body) });
    return { status: answer.status, text: await answer.text() };
  };
  const state = async () => JSON.parse((await call("GET", "/api/state")).text);
  token = JSON.parse((await call("POST", "/api/session", { code: hash.slice(1) })).text).token;
  await call("POST", "/api/shares", { paths: [bench.path("honest")], keep: true });

  const refused = await deep(8_000, 1_900);
  const answer = await call("POST", "/api/previews", { ticket: refused.ticket });
  assert.equal(JSON.parse(answer.text).code, "name_refused", answer.text.slice(0, 300));
  await refused.endpoint.close();

  const allowed = await deep(6_000, 16);
  await using out = await folderInMemory(bench);
  const { ticket } = allowed;
  const preview = await call("POST", "/api/previews", { ticket });
  assert.equal(JSON.parse(preview.text).folders, 96_000);
  assert.ok(preview.text.length < 2 * MIB, mebibytes(preview.text.length));
  await call("POST", "/api/downloads", {
    ticket,
    folder: out.path,
    existing: "merge",
    only: null,
    consents: false,
  });
  // CPU time, which does not include that of other processes.
  const { pid } = page.process;
  let longestMs = 0;
  let download;
  do {
    const startMs = threadMs(pid);
    download = (await state()).downloads[0];
    longestMs = Math.max(longestMs, threadMs(pid) - startMs);
  } while (download.doneBytes === 0 && download.failure === null);
  assert.equal(download.failure, null);
  const pausedMs = threadMs(pid);
  await call("POST", `/api/downloads/${download.id}/pause`, {});
  longestMs = Math.max(longestMs, threadMs(pid) - pausedMs);
  const { shares, downloads } = await state();
  assert.deepEqual([shares[0].state, downloads[0].state], ["serving", "paused"]);
  report(`E.16: a page beside 96,000 folders to make: an answer after at most ${longestMs} ms of its thread`);
  assert.ok(longestMs < computedIn(2_000), `${longestMs} ms`);
  await allowed.endpoint.close();
});
