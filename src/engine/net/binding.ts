// The network binding, a Node-API addon, as the adapters see it: the names of `@number0/iroh` as far as pli uses
// them, with byte arrays, and a few that only the native addon has. The stock package is made to look like it
// in stock_binding.ts. The addon is loaded on first use.

import { nativeAddon, usesNative } from "../native/addon.ts";
import { stockBinding } from "./stock_binding.ts";
import type { TransportLimits } from "./transport_limits.ts";

/** The binding that this process uses. Throws `binding_missing`, `binding_unknown`. */
export function loadBinding(): Binding {
  return usesNative() ? nativeAddon() as Binding : stockBinding();
}

export interface Binding {
  Endpoint: { builder(): BindingBuilder };
  EndpointAddr: new (id: object, relayUrl: string | null, directAddresses: string[]) => BindingAddress;
  EndpointId: { fromBytes(bytes: Uint8Array): object };
  RelayMode: { defaultMode(): object; disabled(): object; customFromUrls(urls: string[]): object };
  presetMinimal(builder: BindingBuilder): void;
  presetN0(builder: BindingBuilder): void;
  /** Looks ids up at n0 and, in the native binding, publishes nothing. */
  presetResolver(builder: BindingBuilder): void;
}

export interface BindingBuilder {
  secretKey(bytes: Uint8Array): void;
  alpns(alpns: Uint8Array[]): void;
  relayMode(mode: object): void;
  bindAddr(address: string): void;
  /** Never searches the local network for a router that maps ports; the stock binding cannot promise that. */
  disablePortmapper(): void;
  /** What a connection may make this side hold. The stock binding has limits of its own until a handshake is over. */
  limit(limits: TransportLimits): void;
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
  online(): Promise<void>;
  connect(address: BindingAddress, alpn: Uint8Array): Promise<BindingConnection>;
  acceptNext(): Promise<BindingIncoming | null>;
  close(): Promise<void>;
}

export interface BindingIncoming {
  accept(): Promise<{ connect(): Promise<BindingConnection> }>;
  /** Whether whoever wants it has shown that it gets what is sent to its address. */
  isValidated(): boolean | Promise<boolean>;
  /** Has it show that, by asking again, and keeps nothing of it meanwhile. */
  retry(): Promise<void>;
  refuse(): Promise<void>;
}

export interface BindingConnection {
  alpn(): Uint8Array;
  remoteId(): { toBytes(): Uint8Array };
  openBi(): Promise<BindingStream>;
  /** Rejects once the connection is closed. */
  acceptBi(): Promise<BindingStream>;
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
