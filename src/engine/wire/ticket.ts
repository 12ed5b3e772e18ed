// The ticket, as sendme prints it: `blob` and base32 (RFC 4648, lower case, unpadded) of
//
//   00                        version
//   id (32)                   the provider's endpoint
//   00 | 01 text              its relay's URL
//   count, addresses          00 ip (4) port | 01 ip (16) port
//   00 | 01                   format: one raw blob, or a hash sequence
//   hash (32)
//
// The prefix is lower case, the rest is accepted in any case. Whether the id is a point on the curve is checked when
// connecting. `tickets/find_ticket.ts` finds a ticket in a longer text.

import { base32nopad } from "@scure/base";
import { HASH_BYTES } from "../bao/geometry.ts";
import { PostcardReader, PostcardWriter } from "../bytes/postcard.ts";
import { PliError, type TicketFault } from "../errors.ts";
import type { Ticket } from "../options.ts";
import { findTicket, TICKET_MAXIMUM_LENGTH, TICKET_PREFIX } from "../../tickets/find_ticket.ts";
import {
  compareSocketAddresses,
  formatSocketAddress,
  parseSocketAddress,
  type SocketAddress,
} from "./socket_address.ts";

export type { Ticket };

const ID_BYTES = 32;
const FORMATS = ["raw", "hash_sequence"] as const;

/** Parses a text that is a ticket and nothing else. Throws `ticket_malformed`. */
export function parseTicket(text: string): Ticket {
  if (!text.startsWith(TICKET_PREFIX)) throw malformed("prefix");
  if (text.length > TICKET_MAXIMUM_LENGTH) throw malformed("too_long");
  const bytes = decodeBase32(text.slice(TICKET_PREFIX.length));
  try {
    return readTicket(new PostcardReader(bytes, "ticket"));
  } catch (cause) {
    if (cause instanceof PliError && cause.code === "ticket_malformed") throw cause;
    throw malformed("content", cause);
  }
}

/** Prints a ticket. Throws RangeError for an address that is not `ip:port`. */
export function formatTicket(ticket: Ticket): string {
  const writer = new PostcardWriter().u64(0).raw(ticket.endpointId);
  writer.option(ticket.relayUrl, (url) => writer.text(url));
  const addresses = ticket.addresses.map((text) => {
    const address = parseSocketAddress(text);
    if (address === null) throw new RangeError(`not a socket address: ${text}`);
    return address;
  }).sort(compareSocketAddresses);
  writer.u64(addresses.length);
  for (const { ip, port } of addresses) writer.u64(ip.length === 4 ? 0 : 1).raw(ip).u64(port);
  writer.u64(FORMATS.indexOf(ticket.format)).raw(ticket.hash);
  return TICKET_PREFIX + base32nopad.encode(writer.finish()).toLowerCase();
}

/** Parses the ticket in a longer text, wrapped and quoted as `findTicket` allows. Throws `ticket_malformed`. */
export function readPastedTicket(text: string): Ticket {
  const found = findTicket(text);
  if (found.kind === "unfinished") throw malformed("cut_short");
  return parseTicket(found.text);
}

/** The normal form of a relay's URL; null when it is not http or https. */
export function normalizeRelayUrl(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
}

/**
 * Whether a relay at this URL is unreachable: iroh treats the brackets of a literal IPv6 address as part of the name
 * in the relay's certificate (iroh-relay 1.4.1, client/tls.rs).
 */
export function isUnreachableRelay(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === "https:" && hostname.startsWith("[");
}

function malformed(fault: TicketFault, cause?: unknown): PliError<"ticket_malformed"> {
  return new PliError("ticket_malformed", { fault }, { cause });
}

function decodeBase32(text: string): Uint8Array {
  try {
    // Letters of other alphabets can become ASCII in upper case.
    if (!/^[a-z2-7]*$/i.test(text)) throw new RangeError("not base32");
    return base32nopad.decode(text.toUpperCase());
  } catch (cause) {
    throw malformed("base32", cause);
  }
}

function readTicket(reader: PostcardReader): Ticket {
  if (reader.u64() !== 0n) throw reader.malformed();
  const endpointId = reader.raw(ID_BYTES);
  const relay = reader.option(() => reader.text(TICKET_MAXIMUM_LENGTH));
  const relayUrl = relay === null ? null : normalizeRelayUrl(relay);
  if (relay !== null && relayUrl === null) throw malformed("relay_url");
  const addresses = Array.from({ length: reader.elementCount(TICKET_MAXIMUM_LENGTH, 6) }, () => {
    return formatSocketAddress(readSocketAddress(reader));
  });
  const format = FORMATS[reader.count(FORMATS.length - 1)];
  const hash = reader.raw(HASH_BYTES);
  reader.end();
  return { endpointId, relayUrl, addresses, format, hash };
}

function readSocketAddress(reader: PostcardReader): SocketAddress {
  const ip = reader.raw(reader.count(1) === 0 ? 4 : 16);
  return { ip, port: reader.count(0xffff) };
}
