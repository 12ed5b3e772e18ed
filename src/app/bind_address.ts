// The value of --bind: an address that one socket of this computer can have. The system also binds multicast and
// broadcast addresses, but a ticket with one of them leads nowhere.

import { parseSocketAddress } from "../engine/mod.ts";

/** What is used of a network interface of the system. */
export type Interface = Pick<Deno.NetworkInterfaceInfo, "address" | "netmask">;

/** What is wrong with a bind address: it is no address, or none that a socket of this computer can have. */
export type BindAddressFault = "address" | "own_address";

/** Checks `ip:port`, an IPv6 address in brackets, with its zone where it has one; null if it is usable. */
export function bindAddressFault(
  text: string,
  interfaces: () => readonly Interface[] = Deno.networkInterfaces,
): BindAddressFault | null {
  const hasLeadingZero = /(^|\.)0\d/.test(text);
  const address = parseSocketAddress(text.replace(/%[\w.-]+\]/, "]"));
  if (hasLeadingZero || address === null) return "address";
  const ip = unmapped(address.ip);
  return isMulticast(ip) || isBroadcast(ip, interfaces) ? "own_address" : null;
}

/** The IPv4 address of `::ffff:1.2.3.4`; others unchanged. */
function unmapped(ip: Uint8Array): Uint8Array {
  const isMapped = ip.length === 16 && ip[10] === 0xff && ip[11] === 0xff &&
    ip.subarray(0, 10).every((b) => b === 0);
  return isMapped ? ip.subarray(12) : ip;
}

/** 224.0.0.0/4 (RFC 5771) and ff00::/8 (RFC 4291). */
function isMulticast(ip: Uint8Array): boolean {
  return ip.length === 4 ? (ip[0] & 0xf0) === 0xe0 : ip[0] === 0xff;
}

/** 255.255.255.255, or the last address of a network of this computer. */
function isBroadcast(ip: Uint8Array, interfaces: () => readonly Interface[]): boolean {
  if (ip.length !== 4) return false;
  if (ip.every((byte) => byte === 255)) return true;
  return interfaces().some(({ address, netmask }) => {
    const [own, mask] = [bytesOf(address), bytesOf(netmask)];
    // Networks of one or two addresses have none (RFC 3021).
    if (own === null || mask === null || mask[3] >= 254) return false;
    return ip.every((byte, at) => byte === (own[at] | ~mask[at] & 0xff));
  });
}

/** The bytes of an IPv4 address; null for any other text. */
function bytesOf(address: string): Uint8Array | null {
  return address.includes(":") ? null : parseSocketAddress(`${address}:0`)?.ip ?? null;
}
