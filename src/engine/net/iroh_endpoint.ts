// An endpoint over the binding, made by its builder: the minimal preset, which looks nothing up and publishes
// nothing, unless lookup is asked for. It holds its connections, and the tasks that handle incoming ones,
// until they end.

import {
  type Binding,
  type BindingConnection,
  type BindingEndpoint,
  type BindingIncoming,
  loadBinding,
} from "./binding.ts";
import { IrohConnection } from "./iroh_connection.ts";
import { FETCHING, SERVING } from "./transport_limits.ts";
import { orAborted, throwIfAborted } from "../abort.ts";
import { PliError } from "../errors.ts";
import type { Connection, Endpoint, EndpointAddress, EndpointOptions, RelayChoice } from "../ports.ts";

/**
 * Handshakes at a time, and connections that came and are still open; more are refused before their handshake. Who
 * handles the connections has a limit of its own, far below the second, and closes those that do nothing.
 */
const MAXIMUM_HANDSHAKES = 1_024;
const MAXIMUM_INCOMING = 1_024;
/** Handshakes at a time that are begun without asking: beyond, who comes has to show that its address is its own. */
const MAXIMUM_UNASKED = 64;
/** A handshake that takes longer is given up. */
const HANDSHAKE_TIMEOUT_MS = 10_000;

/** Binds a socket. Throws `bind_failed`, `binding_missing`. */
export async function bindIroh(options: EndpointOptions): Promise<Endpoint> {
  return await bindOver(loadBinding(), options);
}

/** The same over a binding of the caller's choice. */
export async function bindOver(binding: Binding, options: EndpointOptions): Promise<Endpoint> {
  const builder = binding.Endpoint.builder();
  if (options.lookup === "publish") binding.presetN0(builder);
  else if (options.lookup === "resolve") binding.presetResolver(builder);
  else binding.presetMinimal(builder);
  builder.relayMode(relayMode(binding, options.relay));
  if (options.relay === "disabled") builder.disablePortmapper();
  builder.secretKey(options.secretKey);
  builder.alpns([...options.accept.keys()].map(alpnBytes));
  builder.limit(options.accept.size > 0 ? SERVING : FETCHING);
  try {
    for (const address of options.bindAddresses ?? []) builder.bindAddr(address);
    return new IrohEndpoint(binding, await builder.bind(), options.accept);
  } catch (cause) {
    throw new PliError("bind_failed", { address: options.bindAddresses?.join(", ") || "any" }, { cause });
  }
}

class IrohEndpoint implements Endpoint {
  readonly id: Uint8Array;
  readonly #binding: Binding;
  readonly #endpoint: BindingEndpoint;
  readonly #accept: EndpointOptions["accept"];
  readonly #connections = new Set<Connection>();
  readonly #tasks = new Set<Promise<void>>();
  #handshakes = 0;
  #handled = 0;

  constructor(binding: Binding, endpoint: BindingEndpoint, accept: EndpointOptions["accept"]) {
    this.#binding = binding;
    this.#endpoint = endpoint;
    this.#accept = accept;
    this.id = endpoint.id().toBytes();
    this.#own(this.#acceptAll());
  }

  async reachRelay(timeoutMs: number): Promise<boolean> {
    return await withTimeout(this.#endpoint.online().then(() => true), timeoutMs, false);
  }

  get sockets(): readonly string[] {
    return this.#endpoint.boundSockets();
  }

  address(): EndpointAddress {
    const address = this.#endpoint.addr();
    const direct = new Set(address.directAddresses());
    // A socket on all interfaces is reached from this machine too, which the binding does not mention.
    for (const socket of this.sockets) {
      if (socket.startsWith("0.0.0.0:")) direct.add(socket.replace("0.0.0.0", "127.0.0.1"));
    }
    return { id: this.id, relayUrl: address.relayUrl(), directAddresses: [...direct] };
  }

  async connect(to: EndpointAddress, alpn: string, signal?: AbortSignal): Promise<Connection> {
    throwIfAborted(signal);
    const attempt = this.#connect(to, alpn);
    try {
      return await orAborted(attempt, signal);
    } catch (error) {
      // The binding's attempt may still go on; what it brings is closed.
      attempt.then((connection) => connection.close(0), () => {});
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#endpoint.close();
    await Promise.all(this.#tasks);
  }

  async #connect({ id, relayUrl, directAddresses }: EndpointAddress, alpn: string): Promise<Connection> {
    const { EndpointAddr, EndpointId } = this.#binding;
    try {
      const address = new EndpointAddr(EndpointId.fromBytes(id), relayUrl, directAddresses);
      return this.#adopt(await this.#endpoint.connect(address, alpnBytes(alpn)));
    } catch (cause) {
      throw new PliError("peer_unreachable", { id: id.toHex() }, { cause });
    }
  }

  async #acceptAll(): Promise<void> {
    for (;;) {
      const incoming = await this.#endpoint.acceptNext();
      if (incoming === null) return;
      if (await this.#mayEnter(incoming)) this.#own(this.#handle(incoming));
    }
  }

  /** Turns away who comes when there are too many. */
  async #mayEnter(incoming: BindingIncoming): Promise<boolean> {
    if (this.#handshakes >= MAXIMUM_HANDSHAKES || this.#handled >= MAXIMUM_INCOMING) await incoming.refuse();
    else if (this.#handshakes >= MAXIMUM_UNASKED && !await incoming.isValidated()) await incoming.retry();
    else return true;
    return false;
  }

  async #handle(incoming: BindingIncoming): Promise<void> {
    try {
      const accepted = await this.#accepted(incoming);
      if (accepted === null) return;
      const connection = this.#adopt(accepted);
      this.#handled++;
      try {
        await this.#accept.get(new TextDecoder().decode(accepted.alpn()))?.(connection);
      } finally {
        this.#handled--;
        connection.close(0);
      }
    } catch {
      // A stranger's failed handshake is no event for anybody here, and a handler's mistake costs its
      // connection, not the process.
    }
  }

  /** The connection after its handshake; null when that took too long. */
  async #accepted(incoming: BindingIncoming): Promise<BindingConnection | null> {
    this.#handshakes++;
    try {
      const handshake = shakeHands(incoming);
      const accepted = await withTimeout(handshake, HANDSHAKE_TIMEOUT_MS, null);
      if (accepted === null) {
        handshake.then((connection) => connection.close(0n, new Uint8Array(0)), () => {});
      }
      return accepted;
    } finally {
      this.#handshakes--;
    }
  }

  #adopt(connection: BindingConnection): Connection {
    const adopted = new IrohConnection(connection);
    this.#connections.add(adopted);
    adopted.closed.then(() => this.#connections.delete(adopted));
    return adopted;
  }

  #own(task: Promise<void>): void {
    this.#tasks.add(task);
    task.finally(() => this.#tasks.delete(task));
  }
}

async function shakeHands(incoming: BindingIncoming): Promise<BindingConnection> {
  const accepting = await incoming.accept();
  return await accepting.connect();
}

function relayMode({ RelayMode }: Binding, relay: RelayChoice): object {
  if (relay === "default") return RelayMode.defaultMode();
  if (relay === "disabled") return RelayMode.disabled();
  return RelayMode.customFromUrls([relay.url]);
}

function alpnBytes(alpn: string): Uint8Array {
  return new TextEncoder().encode(alpn);
}

async function withTimeout<T, U>(promise: Promise<T>, timeoutMs: number, late: U): Promise<T | U> {
  const { promise: timeout, resolve } = Promise.withResolvers<U>();
  const timer = setTimeout(resolve, timeoutMs, late);
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
