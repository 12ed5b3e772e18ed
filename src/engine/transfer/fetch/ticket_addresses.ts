// Chooses which addresses of a ticket are tried, and when. Each attempt sends packets to a host, so a ticket must not
// make its reader a source of traffic to others.

import { isPrivateAddress, parseSocketAddress, type SocketAddress } from "../../wire/socket_address.ts";

/** Maximum number of addresses that are tried. A computer with several networks of both families has fewer. */
export const ADDRESSES_MAXIMUM = 16;
/** Addresses in one attempt to connect; the next attempt continues after them. */
const ADDRESSES_AT_A_TIME = 8;
/** Addresses that share these leading bytes count as the same network: a /24 of IPv4, a /64 of IPv6. */
const NETWORK_BYTES = { 4: 3, 16: 8 } as const;

/**
 * At most `ADDRESSES_MAXIMUM` of the addresses, `ip:port`, the likely ones first: those in a network of this computer,
 * whose addresses are `localAddresses`, then public ones, then private ones of other networks. Equal ones keep their order.
 */
export function addressesToTry(addresses: readonly string[], localAddresses: readonly string[]): string[] {
  const networks = localAddresses.map(parseSocketAddress).filter((address) => address !== null);
  const ranked = [...new Set(addresses)].flatMap((text) => {
    const address = parseSocketAddress(text);
    return address === null ? [] : [{ text, rank: rankOf(address, networks) }];
  });
  return ranked.sort((a, b) => a.rank - b.rank).slice(0, ADDRESSES_MAXIMUM).map(({ text }) => text);
}

/** The addresses of an attempt, counted from 0, in rotation. */
export function addressesOfAttempt(addresses: readonly string[], attempt: number): string[] {
  if (addresses.length <= ADDRESSES_AT_A_TIME) return [...addresses];
  const first = attempt * ADDRESSES_AT_A_TIME;
  return Array.from({ length: ADDRESSES_AT_A_TIME }, (_, i) => addresses[(first + i) % addresses.length]);
}

function rankOf(address: SocketAddress, networks: readonly SocketAddress[]): number {
  if (networks.some((localAddresses) => areNeighbours(localAddresses, address))) return 0;
  return isPrivateAddress(address) ? 2 : 1;
}

function areNeighbours({ ip: a }: SocketAddress, { ip: b }: SocketAddress): boolean {
  if (a.length !== b.length) return false;
  const shared = NETWORK_BYTES[a.length as 4 | 16];
  return a.subarray(0, shared).every((byte, i) => byte === b[i]);
}
