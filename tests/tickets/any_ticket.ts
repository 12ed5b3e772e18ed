// Tickets for property tests.

import fc from "fast-check";
import { formatTicket, type Ticket } from "../../src/engine/mod.ts";
import { formatSocketAddress } from "../../src/engine/wire/socket_address.ts";

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

/** A socket address of IPv4 or IPv6. */
export const anyAddress: fc.Arbitrary<string> = fc
  .record({ ip: fc.oneof(bytes(4), bytes(16)), port: fc.nat(65535) })
  .map(formatSocketAddress);

export const anyTicket: fc.Arbitrary<Ticket> = fc.record({
  endpointId: bytes(32),
  relayUrl: fc.option(fc.constantFrom("https://relay.example.org/", "http://127.0.0.1:3340/"), { nil: null }),
  addresses: fc.array(anyAddress, { maxLength: 5 }),
  format: fc.constantFrom("raw" as const, "hash_sequence" as const),
  hash: bytes(32),
});

export const anyTicketText: fc.Arbitrary<string> = anyTicket.map(formatTicket);
