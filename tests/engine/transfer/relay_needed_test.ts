import assert from "node:assert/strict";
import { formatTicket, isPliError, parseTicket } from "../../../src/engine/mod.ts";
import { TransferFixture } from "./transfer_fixture.ts";

const ID = Uint8Array.fromHex("3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29");

for (const relayUrl of ["https://relay.example.org/", null]) {
  const kind = relayUrl === null ? "an id" : "a relay";
  Deno.test(`E.27 a ticket of ${kind} alone is refused at once where relays are disabled`, async () => {
    const fixture = new TransferFixture();
    const ticket = formatTicket({
      endpointId: ID,
      relayUrl,
      addresses: [],
      format: "hash_sequence",
      hash: new Uint8Array(32),
    });
    const isRefused = (error: unknown) => isPliError(error, "relay_needed");
    // It is refused without a retry.
    await assert.rejects(fixture.fetch(ticket, { waitLimits: { firstMs: Infinity } }), isRefused);
    const inspecting = fixture.receiver.inspect({
      ticket: parseTicket(ticket),
      secretKey: new Uint8Array(32),
      relay: "disabled",
      onEvent: () => {},
    });
    await assert.rejects(inspecting, isRefused);
    assert.deepEqual(fixture.receiverEvents, []);
  });
}

Deno.test("E.27 a ticket with only a relay with TLS at an IPv6 address is refused at once", async () => {
  const ticket = formatTicket({
    endpointId: ID,
    relayUrl: "https://[2001:db8::1]/",
    addresses: [],
    format: "hash_sequence",
    hash: new Uint8Array(32),
  });
  const isRefused = (error: unknown) => isPliError(error, "relay_url_ipv6");
  await assert.rejects(new TransferFixture().fetch(ticket, { relay: "default" }), isRefused);
});
