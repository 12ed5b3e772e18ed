// The network of one download or inspection: an endpoint of its own, and a link to the provider that its ticket names.

import { PliError } from "../../errors.ts";
import type { FetchOptions, NetworkOptions, Ports } from "../../options.ts";
import type { RelayChoice } from "../../ports.ts";
import { isUnreachableRelay, type Ticket } from "../../wire/ticket.ts";
import { withDeadline } from "../deadline.ts";
import { Link } from "./link.ts";
import { addressesToTry } from "./ticket_addresses.ts";

/** Time in which a receiver tries to reach its provider for the first time. */
const FIRST_CONTACT_MS = 30_000;
/** Maximum time for closing the endpoint, of a download that is done and of one that failed. */
const CLOSING_MS = 1_000;
const FAILED_CLOSING_MS = 500;

/** Binds an endpoint, runs a task over a link to the provider, and closes both in every case. */
export async function withProvider<T>(
  { bind, clock }: Ports,
  { secretKey, relay, bindAddress, onEvent, signal, waitLimits }:
    & NetworkOptions
    & Pick<FetchOptions, "waitLimits">,
  ticket: Ticket,
  use: (link: Link) => Promise<T>,
): Promise<T> {
  const { endpointId: id, relayUrl, addresses } = ticket;
  const isIdOnly = relayUrl === null && addresses.length === 0;
  const lookup = isIdOnly && relay !== "disabled" ? "resolve" : "none";
  const bindAddresses = bindAddress === undefined ? [] : [bindAddress];
  const endpoint = await bind({ secretKey, relay, bindAddresses, lookup, accept: new Map() });
  const directAddresses = addressesToTry(addresses, endpoint.address().directAddresses);
  if (directAddresses.length < addresses.length) {
    onEvent({ type: "addresses_cut", count: addresses.length, tried: directAddresses.length });
  }
  const link = new Link({
    clock,
    endpoint,
    provider: { id, relayUrl, directAddresses },
    waitLimits: { firstMs: FIRST_CONTACT_MS, laterMs: Infinity, ...waitLimits },
    onEvent,
    signal,
  });
  let isDone = false;
  try {
    onEvent({ type: "waiting", reason: "connecting" });
    const result = await use(link);
    isDone = true;
    return result;
  } finally {
    await link.close();
    // On a dead path, or during an attempt to connect, closing takes longer and goes on in the background.
    await withDeadline(clock, isDone ? CLOSING_MS : FAILED_CLOSING_MS, endpoint.close()).catch(() => {});
  }
}

/**
 * Throws `relay_needed` for a ticket that cannot be reached without a relay or a lookup, both of which are disabled, and
 * `relay_url_ipv6` for one that is reached only over a relay that is never reached.
 */
export function requireReachable({ addresses, relayUrl }: Ticket, relay: RelayChoice): void {
  if (addresses.length > 0) return;
  if (relay === "disabled") throw new PliError("relay_needed", {});
  if (relayUrl !== null && isUnreachableRelay(relayUrl)) {
    throw new PliError("relay_url_ipv6", { url: relayUrl });
  }
}
