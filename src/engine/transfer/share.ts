// Makes a share: walks and hashes the sources, binds an endpoint of its own, prints the ticket, serves.

import { orAborted, throwIfAborted } from "../abort.ts";
import type { Ports, Share, ShareOptions, TicketKind } from "../options.ts";
import type { Connection, EndpointAddress, RelayChoice } from "../ports.ts";
import { isPrivateAddress, parseSocketAddress } from "../wire/socket_address.ts";
import { formatTicket } from "../wire/ticket.ts";
import { hashSources } from "./hash_sources.ts";
import { Provider, PROVIDER_ALPNS } from "./provider.ts";
import { SharedCollection } from "./shared_collection.ts";

/** How long a relay is waited for before the ticket is made without one. */
const RELAY_WAIT_MS = 5_000;
/** How long the last receiver may take to close its connection, once a share has ended. */
const CLOSING_MS = 10_000;

/** See Engine.share. */
export async function shareCollection(ports: Ports, options: ShareOptions): Promise<Share> {
  const { clock, hasher } = ports;
  const { onEvent, keep, signal } = options;
  // Bound before hashing: a wrong address is told at once, and the relay is reached meanwhile.
  const { endpoint, serve } = await bindForProvider(ports, options);
  try {
    const relayReached = options.relay === "disabled" ? false : endpoint.reachRelay(RELAY_WAIT_MS);
    const { files: hashed, forget } = await hashSources(ports, options);
    const collection = SharedCollection.of(hasher, hashed);
    const provider = new Provider({
      collection,
      isKept: keep,
      limit: options.limit,
      ...(options.earlierHolder?.hash === collection.hash.toHex() &&
        { earlierHolder: options.earlierHolder }),
      clock,
      onEvent: (event) => {
        // What was remembered of it may be wrong: the next share hashes it again.
        if (event.type === "source_changed") forget(event.name);
        onEvent(event);
      },
    });
    serve(provider);
    if (relayReached !== false) onEvent({ type: "waiting", reason: "relay" });
    const wasReached = relayReached !== false && await orAborted(relayReached, signal);
    throwIfAborted(signal);
    const address = endpoint.address();
    const ticket = ticketFor(address, collection.hash, options.ticketKind, options.relay);
    const { files: { length: files }, sizeBytes: bytes, hash } = collection;
    onEvent({ type: "ticket", ticket, hash: hash.toHex(), files, bytes, relayReached: wasReached });
    return {
      ticket,
      hash,
      files,
      bytes,
      sockets: endpoint.sockets,
      ended: provider.ended,
      close: async () => {
        if (!signal?.aborted) await provider.drained(CLOSING_MS);
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

/** An endpoint whose connections wait for the provider that `serve` names; for null they are let go. */
async function bindForProvider({ bind }: Ports, options: ShareOptions) {
  const provider = Promise.withResolvers<Provider | null>();
  const accept = new Map(PROVIDER_ALPNS.map((alpn) => [
    alpn,
    async (connection: Connection) => await (await provider.promise)?.handle(alpn, connection),
  ]));
  const { secretKey, relay, bindAddress, ticketKind } = options;
  const earlier = (options.earlierSockets ?? []).flatMap(onAllInterfaces);
  const bindTo = (bindAddresses: readonly string[]) =>
    bind({
      secretKey,
      relay,
      bindAddresses,
      lookup: ticketKind === "id" && relay !== "disabled" ? "publish" : "none",
      accept,
    });
  const endpoint = bindAddress !== undefined ? await bindTo([bindAddress]) : await bindTo(earlier)
    // One of the ports is taken, or IPv6 is gone: the other may do.
    .catch(() => bindTo(earlier.filter((socket) => !socket.startsWith("["))))
    .catch(() => bindTo([]));
  return { endpoint, serve: provider.resolve };
}

/** The same port on all interfaces of the family; nothing for what is no socket's address. */
function onAllInterfaces(socket: string): string[] {
  const port = parseSocketAddress(socket)?.port;
  return port === undefined ? [] : [`${socket.startsWith("[") ? "[::]" : "0.0.0.0"}:${port}`];
}

/**
 * The ticket of a share. The default kind carries the relay and no address. Where no relay was reached it
 * carries addresses of private networks only; all of them where relays were not wanted.
 */
function ticketFor(address: EndpointAddress, hash: Uint8Array, kind: TicketKind, relay: RelayChoice): string {
  const { id, relayUrl, directAddresses } = address;
  const privateAddresses = directAddresses.filter((text) => {
    const parsed = parseSocketAddress(text);
    return parsed !== null && isPrivateAddress(parsed);
  });
  const needsAddresses = kind === "relay" && relayUrl === null;
  const addresses = kind === "addresses" || kind === "all" || (needsAddresses && relay === "disabled")
    ? directAddresses
    : needsAddresses
    ? privateAddresses
    : [];
  return formatTicket({
    endpointId: id,
    relayUrl: kind === "relay" || kind === "all" ? relayUrl : null,
    addresses,
    format: "hash_sequence",
    hash,
  });
}
