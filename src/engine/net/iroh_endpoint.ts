// An endpoint over the binding, built with the minimal preset, which looks nothing up and publishes nothing, unless
// lookup is requested. It keeps references to its connections, and to the tasks that handle incoming ones, until they
// end.

import { deferred } from "../deferred.ts";
import { hexOf } from "../hex.ts";
import type { Binding, BindingConnection, BindingEndpoint, BindingIncoming } from "./binding.ts";
import { IrohConnection } from "./iroh_connection.ts";
import type { BindingName } from "../native/choice.ts";
import { loadBinding } from "./load_binding.ts";
import { FETCHING, SERVING } from "./transport_limits.ts";
import { orAborted, throwIfAborted } from "../abort.ts";
import { PliError } from "../errors.ts";
import type {
  Connection,
  Endpoint,
  EndpointAddress,
  EndpointOptions,
  RelayChoice,
  RelayTimeouts,
} from "../ports.ts";

/**
 * Maximum numbers of concurrent handshakes and of open incoming connections. More are refused before their handshake.
 * The handler of the connections has a far lower limit and closes idle ones.
 */
const MAXIMUM_HANDSHAKES = 1_024;
const MAXIMUM_INCOMING = 1_024;
/** Concurrent handshakes without address validation. Beyond that number a peer must prove its address. */
const MAXIMUM_UNVALIDATED = 64;
/** Timeout of a handshake. */
const HANDSHAKE_TIMEOUT_MS = 10_000;
/** Successive failures of accepting a connection after which the endpoint accepts no more and reports that. */
const MAXIMUM_ACCEPT_FAILURES = 1_000;
const DEFAULT_RELAY_URL = "https://use1-1.relay.n0.iroh.link";

/** Binds an endpoint over the binding of a name. Throws `bind_failed`, `binding_missing`, `addon_outdated`. */
export async function bindIroh(name: BindingName, options: EndpointOptions): Promise<Endpoint> {
  return await bindOver(await loadBinding(name), options);
}

/** The same over a loaded binding. */
export async function bindOver(binding: Binding, options: EndpointOptions): Promise<Endpoint> {
  const builder = binding.Endpoint.builder();
  if (options.lookup === "publish") binding.presetPublisher(builder);
  else if (options.lookup === "resolve") binding.presetResolver(builder);
  else binding.presetMinimal(builder);
  builder.relayMode(relayMode(binding, options.relay));
  if (options.relay === "disabled") builder.disablePortmapper();
  if (options.trustedCertificates !== undefined) builder.trust(options.trustedCertificates);
  if (options.qlogFolder !== undefined) builder.qlog(options.qlogFolder);
  builder.secretKey(options.secretKey);
  builder.alpns([...options.accept.keys()].map(alpnBytes));
  builder.limit(options.accept.size > 0 ? SERVING : FETCHING);
  try {
    for (const address of options.bindAddresses ?? []) builder.bindAddr(address);
    return new IrohEndpoint(binding, await builder.bind(), options);
  } catch (cause) {
    throw new PliError("bind_failed", { address: options.bindAddresses?.join(", ") || "any" }, { cause });
  }
}

class IrohEndpoint implements Endpoint {
  readonly id: Uint8Array;
  readonly #binding: Binding;
  readonly #endpoint: BindingEndpoint;
  readonly #accept: EndpointOptions["accept"];
  readonly #onAcceptFailed: (error: PliError) => void;
  readonly #relay: RelayChoice;
  readonly #connections = new Set<Connection>();
  readonly #tasks = new Set<Promise<void>>();
  #handshakes = 0;
  #handled = 0;
  #isClosed = false;

  constructor(
    binding: Binding,
    endpoint: BindingEndpoint,
    { accept, relay, onAcceptFailed = () => {} }: Pick<
      EndpointOptions,
      "accept" | "relay" | "onAcceptFailed"
    >,
  ) {
    this.#binding = binding;
    this.#endpoint = endpoint;
    this.#accept = accept;
    this.#onAcceptFailed = onAcceptFailed;
    this.#relay = relay;
    this.id = endpoint.id().toBytes();
    this.#own(this.#acceptAll());
  }

  async reachRelay({ silentMs, answeringMs }: RelayTimeouts): Promise<boolean> {
    if (this.#relay === "disabled") return false;
    // It fails when the endpoint is closed before.
    const online = this.#endpoint.online().then(() => true, () => false);
    if (silentMs >= answeringMs) return await withTimeout(online, answeringMs, false);
    const startMs = performance.now();
    const { host, port } = relayHost(this.#relay);
    const silent = this.#endpoint.hostAnswers(host, port, silentMs).then(async (answers) => {
      const limitMs = answers ? answeringMs : silentMs;
      return await withTimeout(online, limitMs - (performance.now() - startMs), false);
    });
    return await Promise.race([online, silent]);
  }

  get sockets(): readonly string[] {
    return this.#endpoint.boundSockets();
  }

  address(): EndpointAddress {
    const address = this.#endpoint.addr();
    const direct = new Set(address.directAddresses());
    // A socket on all interfaces is reachable from this machine too, which the binding does not report.
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
      // The binding's attempt may continue; a late connection is closed.
      attempt.then((connection) => connection.close(0), () => {});
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#endpoint.close();
    await Promise.all(this.#tasks);
  }

  async #connect({ id, relayUrl, directAddresses }: EndpointAddress, alpn: string): Promise<Connection> {
    const { EndpointAddr, EndpointId } = this.#binding;
    try {
      const address = new EndpointAddr(EndpointId.fromBytes(id), relayUrl, directAddresses);
      return this.#adopt(await this.#endpoint.connect(address, alpnBytes(alpn)));
    } catch (cause) {
      throw new PliError("peer_unreachable", { id: hexOf(id) }, { cause });
    }
  }

  /** Accepts connections until the endpoint is closed. A failure of one connection does not affect the others. */
  async #acceptAll(): Promise<void> {
    for (let failures = 0;;) {
      try {
        const incoming = await this.#endpoint.acceptNext();
        if (incoming === null) return;
        if (await this.#isAdmitted(incoming)) this.#own(this.#handle(incoming));
        failures = 0;
      } catch (cause) {
        // A broken endpoint fails each time.
        if (++failures < MAXIMUM_ACCEPT_FAILURES) continue;
        const what = "the endpoint accepts no connections";
        if (!this.#isClosed) this.#onAcceptFailed(new PliError("internal", { what }, { cause }));
        return;
      }
    }
  }

  /** Whether a connection is accepted. Refuses it if there are too many. */
  async #isAdmitted(incoming: BindingIncoming): Promise<boolean> {
    if (this.#handshakes >= MAXIMUM_HANDSHAKES || this.#handled >= MAXIMUM_INCOMING) await incoming.refuse();
    else if (this.#handshakes >= MAXIMUM_UNVALIDATED && !await incoming.isValidated()) await incoming.retry();
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
      // A failed handshake of an unknown peer is no event, and a handler's defect ends its connection, not the
      // process.
    }
  }

  /** The connection after its handshake; null after the timeout. */
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

/**
 * The host that shows whether a relay is reachable. For `default` it is one of several below the same domain (iroh's
 * `defaults::prod`): any of them shows that there is a way to the internet.
 */
function relayHost(relay: Exclude<RelayChoice, "disabled">): { host: string; port: number } {
  const { hostname, port, protocol } = new URL(relay === "default" ? DEFAULT_RELAY_URL : relay.url);
  return {
    host: hostname.replace(/^\[|\]$/g, ""),
    port: Number(port) || (protocol === "https:" ? 443 : 80),
  };
}

function alpnBytes(alpn: string): Uint8Array {
  return new TextEncoder().encode(alpn);
}

async function withTimeout<T, U>(promise: Promise<T>, timeoutMs: number, late: U): Promise<T | U> {
  if (timeoutMs === Infinity) return await promise;
  const { promise: timeout, resolve } = deferred<U>();
  const timer = setTimeout(resolve, timeoutMs, late);
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
