// What leaves a computer by itself, counted packet by packet at its gateway: nothing with relays disabled; with relays
// what SECURITY.md lists. pli is started as a newcomer does, without a variable that would keep Deno quiet.

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
/** `npm start`, without npm's own look at its registry. */
const START = ["env", "-u", "DENO_NO_UPDATE_CHECK", "node", "scripts/deno.mjs", "run", "-A", "main.ts"];

/** Classes of packets; the first that matches counts. `ours` is what every Linux sends to maintain IPv6. */
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
  // Filters see packets before anything answers them.
  await hosts.run("there", "nft", "add chain inet seen in { type filter hook prerouting priority -300; }");
  for (const [name, match] of Object.entries(CLASSES)) {
    const rule = `add rule inet seen in iifname "to-here" ${match} counter accept comment "${name}"`;
    await hosts.run("there", "nft", rule);
  }
}

/** How many packets of each class have arrived at the gateway. */
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
  // The stock binding cannot be kept from looking for a router that maps ports; that names no id, hash or ticket.
  assert.ok(port_mapping <= (IS_NATIVE ? 0 : 4), `${port_mapping}`);
});

Deno.test({
  // The stock binding asks public nameservers too, and probes relays in clear text.
  ...needing(
    "E.29 with relays, names are asked of the system's nameserver alone, and nothing goes in clear text",
    NOT_NATIVE,
  ),
  fn: async () => {
    await using hosts = new Namespaces();
    await using bench = await Bench.make();
    await behindGateway(hosts);
    // It has no IPv6 addresses, which is no reason to query others.
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
    assert.ok(seen.nameserver > 0, "no name was asked for");
    assert.equal(seen.public_nameservers, 0, JSON.stringify(seen));
    assert.equal(seen.clear_text, 0, JSON.stringify(seen));
    assert.equal(seen.others, 0, JSON.stringify(seen));
    // Each is a relay's, so that a nameserver learns of no endpoint.
    for (const name of names.stdout.all) assert.match(name, /^[a-z0-9-]+\.relay\.n0\.iroh\.link$/);
  },
});
