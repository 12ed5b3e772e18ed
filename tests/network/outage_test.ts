// Networks that fail during a transfer and return: both plis continue. PLI_OUTAGE_SECONDS adds long outages, a list
// such as `60,600`.

import assert from "node:assert/strict";
import { Bench, type PliEvent, type RunningPli } from "../product/processes.ts";
import { report } from "../report.ts";
import { assertSameTree, noise, readTree, writeTree } from "../product/trees.ts";
import { Link } from "./link.ts";
import { Namespaces } from "./namespaces.ts";

const MIB = 1024 * 1024;
/** Maximum time until a receiver continues, after the network has returned. */
const BACK_MS = 30_000;

const outagesSeconds = (Deno.env.get("PLI_OUTAGE_SECONDS") ?? "5").split(",").map(Number);

/** Hosts `a` and `b` with a cable between them that carries 40 Mbit/s. */
async function cable(hosts: Namespaces): Promise<void> {
  for (const host of ["a", "b"]) await hosts.add(host);
  await hosts.connect({ host: "a", address: "10.94.0.1/24" }, { host: "b", address: "10.94.0.2/24" });
  const shape = ["root", "tbf", "rate", "40mbit", "burst", "64kb", "latency", "50ms"];
  await hosts.run("a", "tc", "qdisc", "add", "dev", "to-b", ...shape);
}

interface Running {
  sender: RunningPli;
  receiver: RunningPli;
  tree: Record<string, Uint8Array>;
}

async function start(
  bench: Bench,
  wrapper: (end: "a" | "b") => string[],
  fileBytes: number,
): Promise<Running> {
  const tree = { "large.bin": noise(fileBytes), "small.txt": noise(1000) };
  await writeTree(bench.path("src", "tree"), tree);
  const relay = ["--relay", "disabled"];
  const sender = bench.pli(["send", ...relay, bench.path("src", "tree")], { wrapper: wrapper("a") });
  const ticket = await sender.ticket();
  const receiver = bench.pli(["receive", ...relay, "-o", bench.path("out/"), ticket], {
    wrapper: wrapper("b"),
  });
  return { sender, receiver, tree };
}

async function assertDone(bench: Bench, { sender, receiver, tree }: Running): Promise<void> {
  assert.equal(await receiver.ended(), 0, receiver.output);
  assert.equal(await sender.ended(), 0, sender.output);
  assertSameTree(await readTree(bench.path("out", "tree")), tree);
}

/** Resolves when a receiver has `bytes` bytes. */
async function received(receiver: RunningPli, bytes: number): Promise<void> {
  const found = await receiver.stdout.first((line) => {
    const event: PliEvent = JSON.parse(line);
    return event.type === "progress" && event.bytes >= bytes ? true : undefined;
  });
  assert.ok(found, receiver.output);
}

function bytesOf(receiver: RunningPli): number {
  return receiver.events.reduce((most, event) => event.type === "progress" ? event.bytes : most, 0);
}

for (const seconds of outagesSeconds) {
  Deno.test(`D.32 the network fails for ${seconds} s, and the transfer continues`, async () => {
    await using hosts = new Namespaces();
    await using bench = await Bench.make();
    await cable(hosts);
    const running = await start(bench, (end) => hosts.wrapper(end), 40 * MIB);
    await received(running.receiver, 10 * MIB);
    await hosts.run("a", "ip", "link", "set", "to-b", "down");
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    const before = bytesOf(running.receiver);
    await hosts.run("a", "ip", "link", "set", "to-b", "up");
    const backMs = performance.now();
    await received(running.receiver, before + MIB);
    const tookMs = performance.now() - backMs;
    report(`D.32: gone for ${seconds} s, going on after ${(tookMs / 1000).toFixed(1)} s`);
    assert.ok(tookMs < BACK_MS);
    await assertDone(bench, running);
  });
}

Deno.test("D.32 the receiver gets another address, and the transfer continues", async () => {
  await using hosts = new Namespaces();
  await using bench = await Bench.make();
  await cable(hosts);
  const running = await start(bench, (end) => hosts.wrapper(end), 40 * MIB);
  await received(running.receiver, 10 * MIB);
  await hosts.run("b", "ip", "addr", "del", "10.94.0.2/24", "dev", "to-a");
  await hosts.run("b", "ip", "addr", "add", "10.94.0.3/24", "dev", "to-a");
  const before = bytesOf(running.receiver);
  const changedMs = performance.now();
  await received(running.receiver, before + 2 * MIB);
  const tookMs = performance.now() - changedMs;
  report(`D.32: another address, going on after ${(tookMs / 1000).toFixed(1)} s`);
  assert.ok(tookMs < BACK_MS + 30_000);
  await assertDone(bench, running);
});

for (const lossPercent of [0.5, 3, 8]) {
  Deno.test(`D.32 a link that loses ${lossPercent} % of all packets completes`, async () => {
    await using link = await Link.lay({ mbitPerSecond: 100, oneWayMs: 5, lossPercent, seed: 7 });
    await using bench = await Bench.make();
    const running = await start(bench, (end) => link.wrapper(end), 6 * MIB);
    const startMs = performance.now();
    await assertDone(bench, running);
    report(
      `D.32: ${lossPercent} % lost, 6 MiB in ${((performance.now() - startMs) / 1000).toFixed(1)} s`,
    );
  });
}
