// Packets that leave a computer besides the transfer, counted at its gateway: none with relays disabled; with relays
// those that SECURITY.md lists. pli is started by `npm start`, without a variable that disables requests of Deno.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { needing } from "../left_out.ts";
import { Bench } from "../product/processes.ts";
import { assertSameTree, noise, readTree, writeTree } from "../product/trees.ts";
import { Namespaces } from "./namespaces.ts";
import { IS_NATIVE, NOT_NATIVE } from "../system_ports.ts";

const LOCAL = ["--relay", "disabled"];
const HERE = { v4: "10.91.0.1", v6: "2001:db8:91::1" };
const GATEWAY = { v4: "10.91.0.2", v6: "2001:db8:91::2" };
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** `npm start`, without npm's query of its registry. */
const START = ["env", "-u", "DENO_NO_UPDATE_CHECK", "node", "scripts/start.mjs"];

/** Classes of packets; the first match counts. `ours` are the packets by which every Linux maintains IPv6. */
const CLASSES = {
  system: "meta l4proto ipv6-icmp",
  nameserver: `ip daddr ${GATEWAY.v4} meta l4proto { tcp, udp } th dport 53`,
  public_nameservers: "meta l4proto { tcp, udp } th dport { 53, 853 }",
  clear_text: "tcp dport 80",
  port_mapping: "udp dport { 1900, 5350, 5351 }",
  relay: `ip daddr ${GATEWAY.v4} meta l4proto { tcp, udp } th dport { 443, 7842 }`,
  others: "meta protocol { ip, ip6 }",
} as const;
type Class = keyof typeof CLASSES;

/** A host `here` behind the gateway `there`, which counts what arrives from it, by class. */
async function behindGateway(hosts: Namespaces): Promise<void> {
  for (const host of ["here", "there"]) await hosts.add(host, { hasIpv6: true });
  await hosts.connect({ host: "here", address: `${HERE.v4}/24` }, {
    host: "there",
    address: `${GATEWAY.v4}/24`,
  });
  await hosts.run("here", "ip", "addr", "add", `${HERE.v6}/64`, "dev", "to-there");
  await hosts.run("there", "ip", "addr", "add", `${GATEWAY.v6}/64`, "dev", "to-here");
  await hosts.route("here", GATEWAY.v4);
  await hosts.route("here", GATEWAY.v6);
  await hosts.useNameserver("here", GATEWAY.v4);
  await hosts.run("there", "nft", "add table inet seen");
  // The filters count packets before they are answered.
  await hosts.run("there", "nft", "add chain inet seen in { type filter hook prerouting priority -300; }");
  for (const [name, match] of Object.entries(CLASSES)) {
    const rule = `add rule inet seen in iifname "to-here" ${match} counter accept comment "${name}"`;
    await hosts.run("there", "nft", rule);
  }
}

/** The number of packets of each class at the gateway. */
async function packetsSeen(hosts: Namespaces): Promise<Record<Class, number>> {
  const rules = await hosts.run("there", "nft", "list chain inet seen in");
  const counts = rules.matchAll(/counter packets (\d+) .*comment "(\w+)"/g);
  return Object.fromEntries([...counts].map(([, packets, name]) => [name, Number(packets)])) as Record<
    Class,
    number
  >;
}

/** A transfer between two processes on the host `here`. */
async function transferOnHost(bench: Bench, hosts: Namespaces, options: string[]): Promise<void> {
  const tree = { "file.bin": noise(300_000) };
  await writeTree(bench.path("src"), tree);
  const start = { wrapper: hosts.wrapper("here"), command: START, cwd: ROOT };
  const sender = bench.pli(["send", ...options, bench.path("src", "file.bin")], start);
  const receive = ["receive", ...options, "-o", bench.path("out/"), await sender.ticket()];
  const receiver = bench.pli(receive, start);
  assert.equal(await receiver.ended(), 0, receiver.output);
  assert.equal(await sender.ended(), 0, sender.output);
  assertSameTree(await readTree(bench.path("out")), tree);
}

Deno.test("E.29 with relays disabled no packet leaves the computer", async () => {
  await using hosts = new Namespaces();
  await using bench = await Bench.make();
  await behindGateway(hosts);
  await transferOnHost(bench, hosts, LOCAL);
  const { system: _, port_mapping, ...others } = await packetsSeen(hosts);
  assert.deepEqual(others, {
    nameserver: 0,
    public_nameservers: 0,
    clear_text: 0,
    relay: 0,
    others: 0,
  });
  // The stock binding always searches for a router that maps ports, by packets without an id, a hash or a ticket.
  assert.ok(port_mapping <= (IS_NATIVE ? 0 : 4), `${port_mapping}`);
});

Deno.test({
  // The stock binding queries public nameservers too, and probes relays in clear text.
  ...needing(
    "E.29 with relays, names are queried at the system's nameserver alone, and no packet is in clear text",
    NOT_NATIVE,
  ),
  fn: async () => {
    await using hosts = new Namespaces();
    await using bench = await Bench.make();
    await behindGateway(hosts);
    // The nameserver has no IPv6 addresses, and no other one is queried for them.
    const [program, ...before] = hosts.wrapper("there");
    const script = fileURLToPath(new URL("name_server.ts", import.meta.url));
    const names = bench.run(program, [
      ...before,
      Deno.execPath(),
      "run",
      "-A",
      "--no-check",
      script,
      GATEWAY.v4,
      GATEWAY.v4,
    ]);
    await transferOnHost(bench, hosts, []);
    const seen = await packetsSeen(hosts);
    assert.ok(seen.nameserver > 0, "no name was queried");
    assert.equal(seen.public_nameservers, 0, JSON.stringify(seen));
    assert.equal(seen.clear_text, 0, JSON.stringify(seen));
    assert.equal(seen.others, 0, JSON.stringify(seen));
    // All are names of relays: a nameserver gets no endpoint id.
    for (const name of names.stdout.all) assert.match(name, /^[a-z0-9-]+\.relay\.n0\.iroh\.link$/);
  },
});
