// Networks without internet: two hosts that reach each other and no relay.

import assert from "node:assert/strict";
import { hostsOf, parseTicket } from "../../src/engine/mod.ts";
import { Bench } from "../product/processes.ts";
import { assertSameTree, noise, readTree, writeTree } from "../product/trees.ts";
import { Namespaces } from "./namespaces.ts";

/** The addresses of both hosts in a network without internet. */
const ISLANDS = {
  "private addresses": ["192.168.7.1/24", "192.168.7.2/24"],
  "public addresses": ["203.0.113.1/24", "203.0.113.2/24"],
  "shared addresses (RFC 6598)": ["100.64.3.1/24", "100.64.3.2/24"],
  "global IPv6 addresses": ["2001:db8::1/64", "2001:db8::2/64"],
};

for (const [kind, [atSender, atReceiver]] of Object.entries(ISLANDS)) {
  for (const hasGateway of [false, true]) {
    const where = `${kind}, ${hasGateway ? "a gateway that leads nowhere" : "no gateway"}`;
    Deno.test(`E.25 without internet a ticket has the addresses of its sender: ${where}`, async () => {
      await using hosts = new Namespaces();
      await using bench = await Bench.make();
      await hosts.add("a", { hasIpv6: true });
      await hosts.add("b", { hasIpv6: true });
      await hosts.connect({ host: "a", address: atSender }, { host: "b", address: atReceiver });
      if (hasGateway) await hosts.route("a", atReceiver.split("/")[0]);
      const tree = { "file.bin": noise(1000) };
      await writeTree(bench.path("src"), tree);
      const startMs = performance.now();
      const sender = bench.pli(["send", bench.path("src", "file.bin")], { wrapper: hosts.wrapper("a") });
      const event = await sender.event("ticket");
      const waitedMs = performance.now() - startMs;
      // A relay that responds is awaited for five seconds, one that does not is not awaited.
      assert.ok(waitedMs < 5000, `${waitedMs} ms`);
      assert.ok(event.relayMissed && !event.relayReached);
      const senderHost = atSender.split("/")[0];
      assert.ok(hostsOf(event.addresses).includes(senderHost), event.addresses.join(" "));
      assert.deepEqual(new Set(parseTicket(event.ticket).addresses), new Set(event.addresses));
      const receiver = bench.pli(["receive", "-o", bench.path("out/"), event.ticket], {
        wrapper: hosts.wrapper("b"),
      });
      assert.equal(await receiver.ended(), 0, receiver.output);
      assert.equal(await sender.ended(), 0, sender.output);
      assertSameTree(await readTree(bench.path("out")), tree);
    });
  }
}
