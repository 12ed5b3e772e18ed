// Two endpoints of the native addon and a connection between them, without pli's adapters: for input that the
// adapters refuse.

import type { Binding, BindingConnection, BindingEndpoint } from "../../../src/engine/net/binding.ts";
import { nativeAddon } from "../../../src/engine/native/addon.ts";

export const binding = nativeAddon() as Binding;
export const ALPN = new TextEncoder().encode("pli/raw/1");

export interface RawPair {
  near: BindingConnection;
  far: BindingConnection;
  nearEndpoint: BindingEndpoint;
  farEndpoint: BindingEndpoint;
}

export async function rawPair(): Promise<RawPair> {
  const [nearEndpoint, farEndpoint] = await Promise.all([rawEndpoint(), rawEndpoint()]);
  const id = binding.EndpointId.fromBytes(farEndpoint.id().toBytes());
  const address = new binding.EndpointAddr(id, null, farEndpoint.boundSockets());
  const [near, far] = await Promise.all([nearEndpoint.connect(address, ALPN), acceptOne(farEndpoint)]);
  return { near, far, nearEndpoint, farEndpoint };
}

async function rawEndpoint(): Promise<BindingEndpoint> {
  const builder = binding.Endpoint.builder();
  binding.presetMinimal(builder);
  builder.relayMode(binding.RelayMode.disabled());
  builder.disablePortmapper();
  builder.bindAddr("127.0.0.1:0");
  builder.alpns([ALPN]);
  return await builder.bind();
}

async function acceptOne(endpoint: BindingEndpoint): Promise<BindingConnection> {
  const incoming = await endpoint.acceptNext();
  return await (await incoming!.accept()).connect();
}
