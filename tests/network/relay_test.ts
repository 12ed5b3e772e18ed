// A real relay, and two hosts that reach each other through it alone, or directly as well.

import assert from "node:assert/strict";
import { parseTicket } from "../../src/engine/mod.ts";
import { peerProgram } from "../interop/peers.ts";
import { Bench, type RunningPli } from "../product/processes.ts";
import { assertSameTree, noise, readTree, writeTree } from "../product/trees.ts";
import { Namespaces } from "./namespaces.ts";

const RELAY_URL = "http://10.92.1.1:3340/";
const relayProgram = await peerProgram("iroh-relay");

/** Hosts `a` and `b`, each with a cable to `relay` and none to the other. */
async function relayBetween(hosts: Namespaces, bench: Bench): Promise<void> {
  for (const host of ["a", "b", "relay"]) await hosts.add(host);
  await hosts.connect({ host: "a", address: "10.92.1.2/24" }, { host: "relay", address: "10.92.1.1/24" });
  await hosts.connect({ host: "b", address: "10.92.2.2/24" }, { host: "relay", address: "10.92.2.1/24" });
  await hosts.route("a", "10.92.1.1");
  await hosts.route("b", "10.92.2.1");
  await hosts.run("relay", "sysctl", "-qw", "net.ipv4.ip_forward=0");
  const [program, ...before] = hosts.wrapper("relay");
  const relay = bench.run(program, [...before, relayProgram, "--dev"], { env: { RUST_LOG: "info" } });
  const isUp = (line: string) => /relay: serving|listening|http.*3340/i.test(line) ? true : undefined;
  await Promise.race([relay.stdout.first(isUp), relay.stderr.first(isUp)]);
}

async function transferThroughRelay(bench: Bench, hosts: Namespaces, bytes: number) {
  const tree = { "file.bin": noise(bytes) };
  await writeTree(bench.path("src"), tree);
  const relay = ["--relay", RELAY_URL];
  const sender = bench.pli(["send", ...relay, bench.path("src", "file.bin")], {
    wrapper: hosts.wrapper("a"),
  });
  const ticketEvent = await sender.event("ticket");
  const { ticket } = ticketEvent;
  const receiver = bench.pli(["receive", ...relay, "-o", bench.path("out"), ticket], {
    wrapper: hosts.wrapper("b"),
  });
  assert.equal(await receiver.ended(), 0, receiver.output);
  assert.equal(await sender.ended(), 0, sender.output);
  assertSameTree(await readTree(bench.path("out")), tree);
  return { sender, receiver, ticketEvent };
}

function pathsOf(pli: RunningPli): string[] {
  return pli.events.flatMap((event) => event.type === "path" ? [`${event.kind} ${event.address}`] : []);
}

Deno.test("the default ticket holds the relay and no address, as inspect says", async () => {
  await using hosts = new Namespaces();
  await using bench = await Bench.make();
  await relayBetween(hosts, bench);
  const { ticketEvent } = await transferThroughRelay(bench, hosts, 1000);
  assert.ok(ticketEvent.relayReached);
  assert.deepEqual(parseTicket(ticketEvent.ticket).addresses, []);
  const inspect = bench.pli(["inspect", ticketEvent.ticket]);
  assert.equal(await inspect.ended(), 0);
  const [inspection] = inspect.stdout.all.map((line) => JSON.parse(line));
  assert.equal(inspection.relayUrl, RELAY_URL);
  assert.deepEqual(inspection.addresses, []);
});

Deno.test("hosts that reach only the relay transfer through it, and every path event says relay", async () => {
  await using hosts = new Namespaces();
  await using bench = await Bench.make();
  await relayBetween(hosts, bench);
  const { sender, receiver } = await transferThroughRelay(bench, hosts, 5_000_000);
  for (const pli of [sender, receiver]) {
    const paths = pathsOf(pli);
    assert.ok(paths.length > 0, pli.output);
    assert.deepEqual(new Set(paths), new Set([`relay ${RELAY_URL}`]));
  }
});

Deno.test("hosts that reach each other move from the relay to a direct path, and the events say which", async () => {
  await using hosts = new Namespaces();
  await using bench = await Bench.make();
  await relayBetween(hosts, bench);
  await hosts.run("relay", "sysctl", "-qw", "net.ipv4.ip_forward=1");
  // Enough that the relay has not brought everything before they have found each other.
  const { sender, receiver } = await transferThroughRelay(bench, hosts, 200_000_000);
  assert.match(pathsOf(receiver).at(-1) ?? "", /^direct 10\.92\.1\.2:\d+$/);
  assert.match(pathsOf(sender).at(-1) ?? "", /^direct 10\.92\.2\.2:\d+$/);
});

Deno.test("without any relay in reach the ticket is made after five seconds, with private addresses only", async () => {
  await using hosts = new Namespaces();
  await using bench = await Bench.make();
  await hosts.add("a");
  await hosts.add("b");
  await hosts.connect({ host: "a", address: "10.92.1.2/24" }, { host: "b", address: "203.0.113.1/24" });
  await hosts.run("a", "ip", "addr", "add", "203.0.113.2/24", "dev", "to-b");
  await writeTree(bench.path("src"), { "file.bin": noise(1000) });
  const startMs = performance.now();
  const sender = bench.pli(["send", "--relay", RELAY_URL, bench.path("src", "file.bin")], {
    wrapper: hosts.wrapper("a"),
  });
  const { ticket, relayReached } = await sender.event("ticket");
  const waitedMs = performance.now() - startMs;
  assert.ok(waitedMs > 5000 && waitedMs < 8000, `${waitedMs} ms`);
  assert.ok(!relayReached);
  const hostsOfTicket = parseTicket(ticket).addresses.map((address) => address.split(":")[0]);
  assert.deepEqual(hostsOfTicket, ["10.92.1.2", "127.0.0.1"]);
});
