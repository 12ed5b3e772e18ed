// The fixture of tests of whole transfers, in memory: a network, a disk for each side, and a clock.

import { wasmHasher } from "../../../src/engine/blake3/wasm_hasher.ts";
import {
  Engine,
  type FetchOptions,
  parseTicket,
  type ShareOptions,
  type TransferEvent,
} from "../../../src/engine/mod.ts";
import type { BindEndpoint, Clock, Connection } from "../../../src/engine/ports.ts";
import { BLOBS_ALPN } from "../../../src/engine/wire/request.ts";
import { MemoryDisk } from "../../fakes/memory_disk.ts";
import { MemoryNetwork } from "../../fakes/memory_network.ts";
import { VirtualClock } from "../../fakes/virtual_clock.ts";
import { readSome } from "../../fakes/streams.ts";

let nextKey = 1;

export class TransferFixture {
  readonly network = new MemoryNetwork();
  readonly clock = new VirtualClock();
  readonly hasher = wasmHasher();
  readonly senderDisk = new MemoryDisk();
  readonly receiverDisk = new MemoryDisk();
  readonly senderEvents: TransferEvent[] = [];
  readonly receiverEvents: TransferEvent[] = [];
  readonly sender = this.engine(this.senderDisk);
  readonly receiver = this.engine(this.receiverDisk);

  constructor(files: Record<string, string | Uint8Array> = {}) {
    this.senderDisk.makeFolders("/src");
    this.receiverDisk.makeFolders("/dst");
    for (const [name, content] of Object.entries(files)) this.senderDisk.writeFile(`/src/${name}`, content);
  }

  engine(disk: MemoryDisk, clock: Clock = this.clock, bind: BindEndpoint = this.network.bind): Engine {
    return new Engine({ bind, hasher: this.hasher, disk, clock });
  }

  share(options: Partial<ShareOptions> = {}) {
    return this.sender.share({
      paths: ["/src"],
      secretKey: newKey(),
      relay: "disabled",
      ticketKind: "auto",
      keep: false,
      onEvent: (event) => this.senderEvents.push(event),
      ...options,
    });
  }

  fetch(ticket: string, options: Partial<FetchOptions> = {}, receiver: Engine = this.receiver) {
    return receiver.fetch({
      ticket: parseTicket(ticket),
      secretKey: newKey(),
      relay: "disabled",
      destination: { kind: "folder", folder: "/dst", existing: "merge" },
      decide: () => Promise.resolve(true),
      // No second attempt by default.
      waitLimits: { firstMs: 0, laterMs: 0 },
      onEvent: (event) => this.receiverEvents.push(event),
      ...options,
    });
  }

  /** A connection to a share's provider, for raw requests. */
  async connect(id: Uint8Array, key: Uint8Array = newKey(), alpn: string = BLOBS_ALPN): Promise<Connection> {
    const endpoint = await this.network.bind({
      secretKey: key,
      relay: "disabled",
      lookup: "none",
      accept: new Map(),
    });
    return await endpoint.connect({ id, relayUrl: null, directAddresses: [] }, alpn);
  }
}

/** An unused key. */
export function newKey(): Uint8Array {
  const key = new Uint8Array(32);
  new DataView(key.buffer).setUint32(0, nextKey++);
  return key;
}

/** Sends raw bytes as a request and reads the whole answer; a reset is thrown. */
export async function fetchAnswer(connection: Connection, request: Uint8Array): Promise<Uint8Array> {
  const { send, receive } = await connection.openBi();
  await send.write([request]);
  await send.finish();
  const answer: number[] = [];
  for (let bytes = await readSome(receive, 1 << 20); bytes; bytes = await readSome(receive, 1 << 20)) {
    answer.push(...bytes);
  }
  return Uint8Array.from(answer);
}
