// A real relay, and two hosts that reach each other through it alone, or also directly.

import assert from "node:assert/strict";
import { parseTicket } from "../../src/engine/mod.ts";
import { peerProgram } from "../interop/peers.ts";
import { needing } from "../left_out.ts";
import { Bench, type Running, type RunningPli } from "../product/processes.ts";
import { assertSameTree, noise, readTree, writeTree } from "../product/trees.ts";
import { Namespaces } from "./namespaces.ts";
import { NOT_NATIVE } from "../system_ports.ts";

const RELAY_URL = "http://10.92.1.1:3340/";
const relayProgram = await peerProgram("iroh-relay");

/** Hosts `a` and `b`, each with a cable to `relay` and none to the other. */
async function relayBetween(hosts: Namespaces, bench: Bench): Promise<Running> {
  for (const host of ["a", "b", "relay"]) await hosts.add(host);
  await hosts.connect({ host: "a", address: "10.92.1.2/24" }, { host: "relay", address: "10.92.1.1/24" });
  await hosts.connect({ host: "b", address: "10.92.2.2/24" }, { host: "relay", address: "10.92.2.1/24" });
  await hosts.route("a", "10.92.1.1");
  await hosts.route("b", "10.92.2.1");
  await hosts.run("relay", "sysctl", "-qw", "net.ipv4.ip_forward=0");
  const [program, ...before] = hosts.wrapper("relay");
  const relay = bench.run(program, [...before, relayProgram, "--dev"], { env: { RUST_LOG: "info" } });
  await relayIsUp(relay);
  return relay;
}

async function relayIsUp(relay: Running): Promise<void> {
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
  const receiver = bench.pli(["receive", ...relay, "-o", bench.path("out/"), ticket], {
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

Deno.test("the default ticket contains the relay and no address, and inspect shows that", async () => {
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

Deno.test("hosts that reach only the relay transfer through it, and every path event has the relay", async () => {
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

Deno.test("hosts that reach each other change from the relay to a direct path, and the events have both", async () => {
  await using hosts = new Namespaces();
  await using bench = await Bench.make();
  await relayBetween(hosts, bench);
  await hosts.run("relay", "sysctl", "-qw", "net.ipv4.ip_forward=1");
  // Enough bytes that the transfer is incomplete when the direct path is established.
  const { sender, receiver } = await transferThroughRelay(bench, hosts, 200_000_000);
  assert.match(pathsOf(receiver).at(-1) ?? "", /^direct 10\.92\.1\.2:\d+$/);
  assert.match(pathsOf(sender).at(-1) ?? "", /^direct 10\.92\.2\.2:\d+$/);
});

Deno.test("E.25 --ticket relay waits for a relay without a limit, and contains no address", async () => {
  await using hosts = new Namespaces();
  await using bench = await Bench.make();
  await relayBetween(hosts, bench);
  await hosts.run("a", "ip", "link", "set", "to-relay", "down");
  await writeTree(bench.path("src"), { "file.bin": noise(1000) });
  const arguments_ = ["send", "--relay", RELAY_URL, "--ticket", "relay", bench.path("src", "file.bin")];
  const sender = bench.pli(arguments_, { wrapper: hosts.wrapper("a") });
  await sender.event("waiting");
  await new Promise((resolve) => setTimeout(resolve, 6000));
  assert.ok(!sender.events.some(({ type }) => type === "ticket"), sender.output);
  await hosts.run("a", "ip", "link", "set", "to-relay", "up");
  await hosts.route("a", "10.92.1.1");
  const { ticket, relayReached } = await sender.event("ticket");
  assert.ok(relayReached);
  const { relayUrl, addresses } = parseTicket(ticket);
  assert.deepEqual({ relayUrl, addresses }, { relayUrl: RELAY_URL, addresses: [] });
  await sender.stop("SIGTERM");
});

/** Creates a certificate authority and its certificate for the relay's address. Resolves to the paths. */
async function privateAuthority(bench: Bench, address: string) {
  const path = (name: string) => bench.path(name);
  const openssl = async (...args: string[]) => {
    const { success, stderr } = await new Deno.Command("openssl", { args, stdin: "null" }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
  };
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const authority = { ca: path("ca.pem"), caKey: path("ca.key") };
  await openssl(
    "req",
    "-x509",
    ...key,
    "-subj",
    "/CN=laboratory",
    "-days",
    "2",
    "-keyout",
    authority.caKey,
    "-out",
    authority.ca,
  );
  await openssl("req", ...key, "-subj", "/CN=relay", "-keyout", path("relay.key"), "-out", path("relay.csr"));
  await Deno.writeTextFile(path("relay.ext"), `subjectAltName=IP:${address}\nextendedKeyUsage=serverAuth\n`);
  const signing = [
    "-req",
    "-in",
    path("relay.csr"),
    "-CA",
    authority.ca,
    "-CAkey",
    authority.caKey,
    "-CAcreateserial",
  ];
  await openssl("x509", ...signing, "-days", "2", "-extfile", path("relay.ext"), "-out", path("relay.pem"));
  return { ca: authority.ca, certificate: path("relay.pem"), key: path("relay.key") };
}

Deno.test({
  ...needing(
    "E.27 a relay whose certificate has a private authority is reached with --relay-ca, and not without",
    NOT_NATIVE,
  ),
  fn: async () => {
    await using hosts = new Namespaces();
    await using bench = await Bench.make();
    await hosts.add("a");
    await hosts.add("relay");
    await hosts.connect({ host: "a", address: "10.92.1.2/24" }, { host: "relay", address: "10.92.1.1/24" });
    const { ca, certificate, key } = await privateAuthority(bench, "10.92.1.1");
    await Deno.writeTextFile(
      bench.path("relay.toml"),
      `enable_quic_addr_discovery = false
enable_metrics = false
http_bind_addr = "10.92.1.1:80"
[tls]
https_bind_addr = "10.92.1.1:443"
hostname = "10.92.1.1"
cert_mode = "Manual"
manual_cert_path = "${certificate}"
manual_key_path = "${key}"
`,
    );
    const [program, ...before] = hosts.wrapper("relay");
    const relay = bench.run(program, [...before, relayProgram, "--config-path", bench.path("relay.toml")], {
      env: { RUST_LOG: "info" },
    });
    await relayIsUp(relay);
    const url = "https://10.92.1.1/";
    await writeTree(bench.path("src"), { "file.bin": noise(1000) });
    const send = (...options: string[]) =>
      bench.pli(["send", "--relay", url, ...options, bench.path("src", "file.bin")], {
        wrapper: hosts.wrapper("a"),
      });
    const distrusting = send();
    assert.ok((await distrusting.event("ticket")).relayMissed);
    await distrusting.stop("SIGTERM");
    const trusting = send("--relay-ca", ca, "--ticket", "relay");
    const { ticket, relayReached } = await trusting.event("ticket");
    assert.ok(relayReached);
    const out = bench.path("out");
    // The ticket contains the relay: the receiver needs the authority, and no --relay.
    const receiver = bench.pli(["receive", "--relay-ca", ca, "-o", `${out}/`, ticket], {
      wrapper: hosts.wrapper("a"),
    });
    assert.equal(await receiver.ended(), 0, receiver.output);
    assert.equal(await trusting.ended(), 0, trusting.output);
  },
});

Deno.test("E.27 a relay at a literal IPv6 address is reached", async () => {
  await using hosts = new Namespaces();
  await using bench = await Bench.make();
  await hosts.add("a", { hasIpv6: true });
  const [program, ...before] = hosts.wrapper("a");
  const relay = bench.run(program, [...before, relayProgram, "--dev"], { env: { RUST_LOG: "info" } });
  await relayIsUp(relay);
  const url = "http://[::1]:3340/";
  await writeTree(bench.path("src"), { "file.bin": noise(1000) });
  const options = { wrapper: hosts.wrapper("a") };
  const sender = bench.pli(
    ["send", "--relay", url, "--ticket", "relay", bench.path("src", "file.bin")],
    options,
  );
  const { ticket, relayReached } = await sender.event("ticket");
  assert.ok(relayReached);
  const receiver = bench.pli(["receive", "-o", bench.path("out/"), ticket], options);
  assert.equal(await receiver.ended(), 0, receiver.output);
  assert.equal(await sender.ended(), 0, sender.output);
});

Deno.test("E.28 a failed relay delays neither the end of a sender after its delivery nor that of its receiver", async () => {
  await using hosts = new Namespaces();
  await using bench = await Bench.make();
  const relay = await relayBetween(hosts, bench);
  const tree = { "file.bin": noise(3_000_000) };
  await writeTree(bench.path("src"), tree);
  const sender = bench.pli(["send", "--relay", RELAY_URL, bench.path("src", "file.bin")], {
    wrapper: hosts.wrapper("a"),
  });
  const receive = ["receive", "--relay", RELAY_URL, "-o", bench.path("out/"), await sender.ticket()];
  const receiver = bench.pli(receive, { wrapper: hosts.wrapper("b") });
  await sender.event("delivered");
  await relay.stop();
  const startMs = performance.now();
  const lingered = async (side: typeof sender) => {
    assert.equal(await side.ended(), 0, side.output);
    return performance.now() - startMs;
  };
  const [senderMs, receiverMs] = await Promise.all([lingered(sender), lingered(receiver)]);
  assertSameTree(await readTree(bench.path("out")), tree);
  // The goal for the sender is one second, the rest is a margin for a busy machine. A receiver
  // whose receipt was not delivered retries for 20 s.
  assert.ok(senderMs < 3_000, `${senderMs} ms`);
  assert.ok(receiverMs < 23_000, `${receiverMs} ms`);
});
