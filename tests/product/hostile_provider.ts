// A provider of files under arbitrary names, which pli never sends.

import { wasmHasher } from "../../src/engine/blake3/wasm_hasher.ts";
import { systemClock } from "../../src/engine/clock.ts";
import type { TransferEvent } from "../../src/engine/mod.ts";
import type { BindEndpoint, Connection } from "../../src/engine/ports.ts";
import { MemoryBlob } from "../../src/engine/store/shared_blob.ts";
import { Provider, PROVIDER_ALPNS } from "../../src/engine/transfer/provide/provider.ts";
import { SharedCollection } from "../../src/engine/transfer/provide/shared_collection.ts";
import { formatTicket } from "../../src/engine/wire/ticket.ts";

const hasher = wasmHasher();

export class HostileProvider implements AsyncDisposable {
  private constructor(
    readonly ticket: string,
    /** The root's hash, in hex. */
    readonly hash: string,
    readonly events: readonly TransferEvent[],
    readonly close: () => Promise<void>,
  ) {}

  /** Offers files by name and content, to any number of receivers. */
  static async offer(bind: BindEndpoint, files: readonly (readonly [string, string])[]) {
    const collection = SharedCollection.of(
      hasher,
      files.map(([name, content]) => ({
        name,
        blob: MemoryBlob.from(hasher, new TextEncoder().encode(content)),
      })),
    );
    const events: TransferEvent[] = [];
    const onEvent = (event: TransferEvent): void => void events.push(event);
    const provider = new Provider({ collection, isKept: true, clock: systemClock, onEvent });
    const endpoint = await bind({
      secretKey: crypto.getRandomValues(new Uint8Array(32)),
      relay: "disabled",
      bindAddresses: ["127.0.0.1:0"],
      lookup: "none",
      accept: new Map(PROVIDER_ALPNS.map((alpn) => [
        alpn,
        (connection: Connection) => provider.handle(alpn, connection),
      ])),
    });
    const { id: endpointId, directAddresses: addresses } = endpoint.address();
    const { hash } = collection;
    const ticket = formatTicket({ endpointId, relayUrl: null, addresses, format: "hash_sequence", hash });
    return new HostileProvider(ticket, hash.toHex(), events, async () => {
      provider.close();
      await endpoint.close();
    });
  }

  /** Whether data of a file was requested. */
  get hasDataRequest(): boolean {
    return this.events.some((event) => event.type === "receiver" && event.state === "receiving");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
