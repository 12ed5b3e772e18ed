// With relays disabled nothing is published and nothing looked up: the packets that leave are counted.

import assert from "node:assert/strict";
import { usesNative } from "../../src/engine/native/choice.ts";
import { Bench } from "../product/processes.ts";
import { assertSameTree, noise, readTree, writeTree } from "../product/trees.ts";
import { Namespaces } from "./namespaces.ts";

const LOCAL = ["--relay", "disabled"];

/** A transfer between two processes on the host `here`, which has a cable to `there`. */
async function transferOnHost(bench: Bench, hosts: Namespaces): Promise<void> {
  const tree = { "file.bin": noise(300_000) };
  await writeTree(bench.path("src"), tree);
  const wrapper = hosts.wrapper("here");
  const sender = bench.pli(["send", ...LOCAL, bench.path("src", "file.bin")], { wrapper });
  const receiver = bench.pli(["receive", ...LOCAL, "-o", bench.path("out"), await sender.ticket()], {
    wrapper,
  });
  assert.equal(await receiver.ended(), 0, receiver.output);
  assert.equal(await sender.ended(), 0, sender.output);
  assertSameTree(await readTree(bench.path("out")), tree);
}

async function twoHosts(hosts: Namespaces): Promise<void> {
  await hosts.add("here");
  await hosts.add("there");
  await hosts.connect({ host: "here", address: "10.91.0.1/24" }, { host: "there", address: "10.91.0.2/24" });
}

Deno.test("on a network without a gateway no packet leaves the machine", async () => {
  await using hosts = new Namespaces();
  await using bench = await Bench.make();
  await twoHosts(hosts);
  await transferOnHost(bench, hosts);
  assert.equal(await hosts.packetsSent("here", "there"), 0);
});

Deno.test("behind a gateway nothing leaves, but the stock binding's search for a router that maps ports", async () => {
  await using hosts = new Namespaces();
  await using bench = await Bench.make();
  await twoHosts(hosts);
  await hosts.route("here", "10.91.0.2");
  // What arrives at the gateway, counted by what it is. Filters see packets before anything answers them.
  await hosts.run("there", "nft", "add table ip seen");
  await hosts.run("there", "nft", "add chain ip seen in { type filter hook prerouting priority -300; }");
  await hosts.run(
    "there",
    "nft",
    "add rule ip seen in ip daddr 239.255.255.250 udp dport 1900 counter accept",
  );
  await hosts.run("there", "nft", "add rule ip seen in counter");
  await transferOnHost(bench, hosts);
  const rules = await hosts.run("there", "nft", "list chain ip seen in");
  const [searches, others] = [...rules.matchAll(/counter packets (\d+)/g)].map(([, packets]) =>
    Number(packets)
  );
  assert.equal(others, 0, rules);
  // The stock binding cannot turn this off; it names no id, no hash and no ticket, and stays on the local link.
  assert.ok(searches <= (usesNative() ? 0 : 4), rules);
});
