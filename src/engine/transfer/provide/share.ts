// Makes a share: walks and hashes the sources, binds its endpoint, creates the ticket, serves.

import { deferred } from "../../deferred.ts";
import { hexOf } from "../../hex.ts";
import { orAborted, throwIfAborted } from "../../abort.ts";
import type { PliError } from "../../errors.ts";
import type { TicketReach } from "../../events.ts";
import type { Ports, Share, ShareEnd, ShareOptions } from "../../options.ts";
import type { Connection, EndpointAddress, RelayTimeouts } from "../../ports.ts";
import { parseSocketAddress } from "../../wire/socket_address.ts";
import { formatTicket } from "../../wire/ticket.ts";
import { hashSources } from "./hash_sources.ts";
import { Provider, PROVIDER_ALPNS } from "./provider.ts";
import { SharedCollection } from "./shared_collection.ts";

/**
 * Wait for a relay before the ticket is made without one. Together with the start of the program, a ticket takes less
 * than a second on a network without internet.
 */
const RELAY_TIMEOUTS: RelayTimeouts = { silentMs: 600, answeringMs: 5_000 };
const NO_TIMEOUTS: RelayTimeouts = { silentMs: Infinity, answeringMs: Infinity };
/** Wait before the earlier ports are tried once more: Windows releases those of a killed process after 100 ms. */
const PORT_RELEASE_MS = 300;

/** See Engine.share. */
export async function shareCollection(ports: Ports, options: ShareOptions): Promise<Share> {
  const { clock, hasher } = ports;
  const { onEvent, keep, signal } = options;
  // Bound before hashing: a wrong address is reported at once, and the relay connects meanwhile.
  const { endpoint, serve, broken } = await bindForProvider(ports, options);
  try {
    const relayReached = options.relay === "disabled"
      ? false
      : endpoint.reachRelay(options.ticketKind === "relay" ? NO_TIMEOUTS : RELAY_TIMEOUTS);
    const { files: hashed, forget } = await hashSources(ports, options);
    const collection = SharedCollection.of(hasher, hashed);
    const provider = new Provider({
      collection,
      isKept: keep,
      previewNames: options.previewNames,
      limit: options.limit,
      ...(options.earlierHolder?.hash === hexOf(collection.hash) &&
        { earlierHolder: options.earlierHolder }),
      clock,
      onEvent: (event) => {
        // Its cached hash may be wrong: the next share hashes it again.
        if (event.type === "source_changed") forget(event.name);
        onEvent(event);
      },
    });
    serve(provider);
    if (relayReached !== false) onEvent({ type: "waiting", reason: "relay" });
    const wasReached = relayReached !== false && await orAborted(relayReached, signal);
    throwIfAborted(signal);
    const { files: { length: files }, sizeBytes: bytes, hash } = collection;
    const reachability = reachabilityOf(endpoint.address(), options, wasReached);
    const ticket = formatTicket({ endpointId: endpoint.id, ...reachability, format: "hash_sequence", hash });
    onEvent({ type: "ticket", ticket, hash: hexOf(hash), files, bytes, ...reachability });
    return {
      ticket,
      hash,
      files,
      bytes,
      sockets: endpoint.sockets,
      ended: endedOrBroken(provider.ended, broken),
      close: async () => {
        if (!signal?.aborted) await provider.drained();
        provider.close();
        await endpoint.close();
      },
    };
  } catch (error) {
    serve(null);
    await endpoint.close();
    throw error;
  }
}

/** The end of a share, which no receiver can reach any more once its endpoint is broken. */
function endedOrBroken(ended: Promise<ShareEnd>, broken: Promise<PliError>): Promise<ShareEnd> {
  const result = Promise.race([ended, broken.then((error) => Promise.reject(error))]);
  // The user of the share need not observe it.
  result.catch(() => {});
  return result;
}

/** An endpoint whose incoming connections wait for the provider that `serve` passes; with null they are closed. */
async function bindForProvider({ bind, clock }: Ports, options: ShareOptions) {
  const provider = deferred<Provider | null>();
  const broken = deferred<PliError>();
  const accept = new Map(PROVIDER_ALPNS.map((alpn) => [
    alpn,
    async (connection: Connection) => await (await provider.promise)?.handle(alpn, connection),
  ]));
  const { secretKey, relay, bindAddress, ticketKind, signal } = options;
  const earlier = (options.earlierSockets ?? []).flatMap(onAllInterfaces);
  const bindTo = (bindAddresses: readonly string[]) =>
    bind({
      secretKey,
      relay,
      bindAddresses,
      lookup: ticketKind === "id" && relay !== "disabled" ? "publish" : "none",
      accept,
      onAcceptFailed: broken.resolve,
    });
  const bindToEarlier = async () => {
    try {
      return await bindTo(earlier);
    } catch (error) {
      if (earlier.length === 0) throw error;
    }
    await clock.sleep(PORT_RELEASE_MS, signal);
    return await bindTo(earlier)
      // One of the ports is in use, or IPv6 is unavailable: the other sockets may still work.
      .catch(() => bindTo(earlier.filter((socket) => !socket.startsWith("["))))
      .catch(() => bindTo([]));
  };
  const endpoint = await (bindAddress !== undefined ? bindTo([bindAddress]) : bindToEarlier());
  return { endpoint, serve: provider.resolve, broken: broken.promise };
}

/** The same port on all interfaces of the family; nothing for an invalid socket address. */
function onAllInterfaces(socket: string): string[] {
  const port = parseSocketAddress(socket)?.port;
  return port === undefined ? [] : [`${socket.startsWith("[") ? "[::]" : "0.0.0.0"}:${port}`];
}

/**
 * The relay and the addresses in a share's ticket. Addresses of this computer are included only on request or if no
 * relay was reached: then all of them, because a public address range may be used in a local network.
 */
function reachabilityOf(
  { relayUrl, directAddresses }: EndpointAddress,
  { ticketKind, relay }: Pick<ShareOptions, "ticketKind" | "relay">,
  relayReached: boolean,
): TicketReach {
  const isRelayNamed = ["auto", "relay", "all"].includes(ticketKind) && relayUrl !== null;
  const areAddressesNamed = ticketKind === "addresses" || ticketKind === "all" ||
    (ticketKind === "auto" && !relayReached) || relay === "disabled";
  return {
    relayReached,
    relayMissed: relay !== "disabled" && !relayReached,
    relayUrl: isRelayNamed ? relayUrl : null,
    addresses: areAddressesNamed ? directAddresses : [],
  };
}
