// The ticket, as sendme prints it: `blob` and base32 (RFC 4648, lower case, unpadded) of
//
//   00                        version
//   id (32)                   the provider's endpoint
//   00 | 01 text              its relay's URL
//   count, addresses          00 ip (4) port | 01 ip (16) port
//   00 | 01                   format: one raw blob, or a hash sequence
//   hash (32)
//
// The prefix is lower case, the rest is read in any case. Whether the id is a point on the curve shows when
// connecting.

import { base32nopad } from "@scure/base";
import { HASH_BYTES } from "../bao/geometry.ts";
import { PostcardReader, PostcardWriter } from "../bytes/postcard.ts";
import { PliError, type TicketFault } from "../errors.ts";
import {
  compareSocketAddresses,
  formatSocketAddress,
  parseSocketAddress,
  type SocketAddress,
} from "./socket_address.ts";

const PREFIX = "blob";
const ID_BYTES = 32;
const FORMATS = ["raw", "hash_sequence"] as const;

/** The longest ticket that is read, in characters. */
export const TICKET_MAXIMUM_LENGTH = 16 * 1024;

export interface Ticket {
  /** 32 bytes. */
  endpointId: Uint8Array;
  relayUrl: string | null;
  /** `ip:port`. */
  addresses: string[];
  format: "raw" | "hash_sequence";
  hash: Uint8Array;
}

/** Reads a ticket. Throws `ticket_malformed`. */
export function parseTicket(text: string): Ticket {
  if (!text.startsWith(PREFIX)) throw malformed("prefix");
  if (text.length > TICKET_MAXIMUM_LENGTH) throw malformed("too_long");
  const bytes = decodeBase32(text.slice(PREFIX.length));
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
  return PREFIX + base32nopad.encode(writer.finish()).toLowerCase();
}

/** Takes the ticket out of a pasted line such as `sendme receive blob…`; the text itself when there is none. */
export function findTicket(text: string): string {
  const words = text.trim().split(/\s+/);
  return words.find((word) => word.startsWith(PREFIX) && word.length > PREFIX.length) ?? text.trim();
}

/** The normal form of a relay's URL; null when it is not http or https. */
export function normalizeRelayUrl(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
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
