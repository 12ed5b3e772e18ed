// The stock `@number0/iroh` with the surface of binding.ts. It passes each byte as a JavaScript number.
// It is required by path from where this module stands, which also works in a bundle, where the package's own
// optional requires would not.

import { createRequire } from "node:module";
import { PliError } from "../errors.ts";
import type {
  Binding,
  BindingAddress,
  BindingBuilder,
  BindingConnection,
  BindingEndpoint,
} from "./binding.ts";
import type { BindingIncoming, BindingStream } from "./binding.ts";
import { StockReceiveStream, StockSendStream } from "./stock_stream.ts";
import type { TransportLimits } from "./transport_limits.ts";
import type * as Stock from "@number0/iroh";

let loaded: Binding | undefined;

/** Throws `binding_missing`. */
export function stockBinding(): Binding {
  return loaded ??= bindingOver(load());
}

function load(): typeof Stock {
  try {
    // By its file, because the package's own entry point names one that is not there.
    return createRequire(import.meta.url)("@number0/iroh/index.js") as typeof Stock;
  } catch (cause) {
    throw new PliError("binding_missing", { system: `${Deno.build.os} ${Deno.build.arch}` }, { cause });
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
    presetN0: (builder) => stock.presetN0(builderOf(builder)),
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

  /** What the native binding says in the handshake already; the window of a stream stays the binding's own. */
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
  constructor(readonly connection: Stock.Connection) {}

  alpn(): Uint8Array {
    return Uint8Array.from(this.connection.alpn());
  }

  remoteId() {
    return identity(this.connection.remoteId());
  }

  async openBi(): Promise<BindingStream> {
    return this.#stream(await this.connection.openBi());
  }

  async acceptBi(): Promise<BindingStream> {
    return this.#stream(await this.connection.acceptBi());
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
    return { send: new StockSendStream(send, abandon), recv: new StockReceiveStream(recv, abandon) };
  }
}

function identity(id: Stock.EndpointId): { toBytes(): Uint8Array } {
  return { toBytes: () => Uint8Array.from(id.toBytes()) };
}
