// Adapts the stock `@number0/iroh` to binding.ts. It passes each byte as a JavaScript number. It is required by its
// path relative to this module, which also works in a bundle, where the package's own optional requires do not.

import { createRequire } from "node:module";
import { PliError } from "../errors.ts";
import { ARCHITECTURE, SYSTEM } from "../system.ts";
import type { Backlog } from "../ports.ts";
import type {
  Binding,
  BindingAddress,
  BindingBuilder,
  BindingConnection,
  BindingEndpoint,
} from "./binding.ts";
import type { BindingIncoming, BindingStream } from "./binding.ts";
import { coded } from "./binding_errors.ts";
import { EstimatedBacklog } from "./estimated_backlog.ts";
import { hostAnswers } from "./host_probe.ts";
import { StockReceiveStream, StockSendStream } from "./stock_stream.ts";
import type { TransportLimits } from "./transport_limits.ts";
import type * as Stock from "@number0/iroh";

/** Deno's name of the package where this module is not a file, as in a module of a registry. */
const PACKAGE = "npm:@number0/iroh@1.1.0/index.js";

let loaded: Promise<Binding> | undefined;

/** Throws `binding_missing`. */
export function stockBinding(): Promise<Binding> {
  return loaded ??= load().then(bindingOver);
}

async function load(): Promise<typeof Stock> {
  try {
    if (!import.meta.url.startsWith("file:")) return (await import(PACKAGE)).default;
    // By its file, because the package's entry point names a file that does not exist.
    return createRequire(import.meta.url)("@number0/iroh/index.js") as typeof Stock;
  } catch (cause) {
    loaded = undefined;
    throw new PliError("binding_missing", { system: `${SYSTEM} ${ARCHITECTURE}` }, { cause });
  }
}

function bindingOver(stock: typeof Stock): Binding {
  const builderOf = (builder: BindingBuilder) => (builder as StockBuilder).builder;
  return {
    Endpoint: { builder: () => new StockBuilder(stock.Endpoint.builder()) },
    EndpointAddr: stock.EndpointAddr as unknown as Binding["EndpointAddr"],
    EndpointId: { fromBytes: (bytes) => stock.EndpointId.fromBytes(Array.from(bytes)) },
    RelayMode: stock.RelayMode,
    presetMinimal: (builder) => stock.presetMinimal(builderOf(builder)),
    presetPublisher: (builder) => stock.presetN0(builderOf(builder)),
    presetResolver: (builder) => stock.presetN0(builderOf(builder)),
  };
}

class StockBuilder implements BindingBuilder {
  #limits: TransportLimits | undefined;

  constructor(readonly builder: Stock.EndpointBuilder) {}

  secretKey(bytes: Uint8Array): void {
    this.builder.secretKey(Array.from(bytes));
  }

  alpns(alpns: Uint8Array[]): void {
    this.builder.alpns(alpns.map((alpn) => Array.from(alpn)));
  }

  relayMode(mode: object): void {
    this.builder.relayMode(mode as Stock.RelayMode);
  }

  bindAddr(address: string): void {
    this.builder.bindAddr(address);
  }

  trust(): void {
    throw new PliError("trust_unsupported", {});
  }

  qlog(): void {
    throw new PliError("qlog_unsupported", {});
  }

  disablePortmapper(): void {}

  limit(limits: TransportLimits): void {
    this.#limits = limits;
  }

  async bind(): Promise<BindingEndpoint> {
    return new StockEndpoint(await this.builder.bind(), this.#limits);
  }
}

class StockEndpoint implements BindingEndpoint {
  constructor(readonly endpoint: Stock.Endpoint, readonly limits: TransportLimits | undefined) {}

  id() {
    return identity(this.endpoint.id());
  }

  addr(): BindingAddress {
    return this.endpoint.addr();
  }

  boundSockets(): string[] {
    return this.endpoint.boundSockets();
  }

  online(): Promise<void> {
    return this.endpoint.online();
  }

  hostAnswers(host: string, port: number, timeoutMs: number): Promise<boolean> {
    return hostAnswers(host, port, timeoutMs);
  }

  async connect(address: BindingAddress, alpn: Uint8Array): Promise<BindingConnection> {
    const connecting = this.endpoint.connect(address as Stock.EndpointAddr, Array.from(alpn));
    return this.#limited(await connecting);
  }

  async acceptNext(): Promise<BindingIncoming | null> {
    const incoming = await this.endpoint.acceptNext();
    if (incoming === null) return null;
    const connect = async (accepting: Stock.Accepting) => this.#limited(await accepting.connect());
    return {
      accept: async () => {
        const accepting = await incoming.accept();
        return { connect: () => connect(accepting) };
      },
      isValidated: () => incoming.remoteAddrValidated(),
      retry: () => incoming.retry(),
      refuse: () => incoming.refuse(),
    };
  }

  close(): Promise<void> {
    return this.endpoint.close();
  }

  /**
   * Sets the limits that the native binding sends in the handshake; the window of a stream stays the binding's own.
   */
  #limited(connection: Stock.Connection): BindingConnection {
    if (this.limits !== undefined) {
      connection.setMaxConcurrentUniStreams(0n);
      connection.setMaxConcurrentBiStreams(BigInt(this.limits.streams));
      connection.setReceiveWindow(BigInt(this.limits.receiveWindowBytes));
    }
    return new StockConnection(connection);
  }
}

class StockConnection implements BindingConnection {
  readonly #backlog = new EstimatedBacklog(() => {
    const { udpTxBytes, lostBytes } = this.connection.stats();
    return udpTxBytes - lostBytes;
  });

  constructor(readonly connection: Stock.Connection) {}

  alpn(): Uint8Array {
    return Uint8Array.from(this.connection.alpn());
  }

  remoteId() {
    return identity(this.connection.remoteId());
  }

  async openBi(): Promise<BindingStream> {
    return this.#stream(await coded(this.connection.openBi()));
  }

  async acceptBi(): Promise<BindingStream> {
    return this.#stream(await coded(this.connection.acceptBi()));
  }

  backlog(): Backlog {
    return this.#backlog.now();
  }

  paths() {
    return this.connection.paths();
  }

  close(code: bigint, reason: Uint8Array): void {
    this.connection.close(code, Array.from(reason));
  }

  closed(): Promise<string> {
    return this.connection.closed();
  }

  #stream({ send, recv }: Stock.BiStream): BindingStream {
    const abandon = (code: bigint) => this.connection.close(code, []);
    return {
      send: new StockSendStream(send, abandon, this.#backlog),
      recv: new StockReceiveStream(recv, abandon),
    };
  }
}

function identity(id: Stock.EndpointId): { toBytes(): Uint8Array } {
  return { toBytes: () => Uint8Array.from(id.toBytes()) };
}
