// The network binding, a Node-API addon, as the adapters use it: the names of `@number0/iroh` as far as pli uses them,
// with byte arrays, and some that only the native addon has. stock_binding.ts adapts the stock package to it,
// load_binding.ts chooses the binding.

import type { Backlog } from "../ports.ts";
import type { TransportLimits } from "./transport_limits.ts";

export interface Binding {
  Endpoint: { builder(): BindingBuilder };
  EndpointAddr: new (id: object, relayUrl: string | null, directAddresses: string[]) => BindingAddress;
  EndpointId: { fromBytes(bytes: Uint8Array): object };
  RelayMode: { defaultMode(): object; disabled(): object; customFromUrls(urls: string[]): object };
  presetMinimal(builder: BindingBuilder): void;
  /** Publishes the endpoint's id at n0; the stock binding also looks ids up there. */
  presetPublisher(builder: BindingBuilder): void;
  /** Looks ids up at n0; the stock binding also publishes the endpoint's id there. */
  presetResolver(builder: BindingBuilder): void;
}

export interface BindingBuilder {
  secretKey(bytes: Uint8Array): void;
  alpns(alpns: Uint8Array[]): void;
  relayMode(mode: object): void;
  bindAddr(address: string): void;
  /** Certificate authorities for relays besides the public ones, in DER. Throws `trust_unsupported`. */
  trust(certificates: readonly Uint8Array[]): void;
  /** Disables the search for a router that maps ports; the stock binding cannot disable it. */
  disablePortmapper(): void;
  /**
   * Limits of what a connection may make this process hold. The stock binding has its own limits until a handshake is
   * over.
   */
  limit(limits: TransportLimits): void;
  /** Has each connection write a qlog file in a folder. Throws `qlog_unsupported`. */
  qlog(folder: string): void;
  bind(): Promise<BindingEndpoint>;
}

export interface BindingAddress {
  relayUrl(): string | null;
  directAddresses(): string[];
}

export interface BindingEndpoint {
  id(): { toBytes(): Uint8Array };
  addr(): BindingAddress;
  boundSockets(): string[];
  /** Resolves once a relay is connected. */
  online(): Promise<void>;
  /** Whether a host's name resolves or, for an IP address, its port accepts a connection in time. */
  hostAnswers(host: string, port: number, timeoutMs: number): Promise<boolean>;
  connect(address: BindingAddress, alpn: Uint8Array): Promise<BindingConnection>;
  acceptNext(): Promise<BindingIncoming | null>;
  close(): Promise<void>;
}

export interface BindingIncoming {
  accept(): Promise<{ connect(): Promise<BindingConnection> }>;
  /** Whether the peer has proved that it receives packets at its address. */
  isValidated(): boolean | Promise<boolean>;
  /** Requests that proof by a retry packet, and keeps no state of the handshake. */
  retry(): Promise<void>;
  refuse(): Promise<void>;
}

/** Calls of a connection and its streams fail with a `BindingFault` (stream_errors.ts). */
export interface BindingConnection {
  alpn(): Uint8Array;
  remoteId(): { toBytes(): Uint8Array };
  openBi(): Promise<BindingStream>;
  /** Rejects once the connection is closed. */
  acceptBi(): Promise<BindingStream>;
  /** The bytes that its streams keep. */
  backlog(): Backlog;
  paths(): { isSelected: boolean; isRelay: boolean; remoteAddr: string; rttMs: number }[];
  close(code: bigint, reason: Uint8Array): void;
  closed(): Promise<string>;
}

export interface BindingStream {
  readonly send: BindingSendStream;
  readonly recv: BindingReceiveStream;
}

export interface BindingSendStream {
  /** The parts must not change until it resolves. */
  writeAll(parts: readonly Uint8Array[]): Promise<void>;
  readonly takenBytes: number;
  finish(): void | Promise<void>;
  reset(code: bigint): void;
  stopped(): Promise<number | null>;
}

export interface BindingReceiveStream {
  ready(count: number): Promise<number>;
  take(into: readonly Uint8Array[]): void;
  readonly receivedBytes: number;
  stop(code: bigint): void;
}
