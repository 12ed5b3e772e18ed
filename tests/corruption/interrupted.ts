// A share, and the staged data of downloads of it that were interrupted at several moments. The suite damages it, and
// continues the downloads.

import { newKey, TransferFixture } from "../engine/transfer/transfer_fixture.ts";
import { MemoryDisk } from "../fakes/memory_disk.ts";
import { SimulatedClock } from "../simulation/simulated_clock.ts";
import { Engine, type Fetched, parseTicket, type Share } from "../../src/engine/mod.ts";
import { BLOCK_BYTES, blockCount, leftChunks } from "../../src/engine/bao/geometry.ts";
import { bestHasher } from "../system_ports.ts";

export type Files = ReadonlyMap<string, Uint8Array>;

/** Files of several blocks, of one, and small ones, all different; another `salt` gives other ones of the same sizes. */
export function content(salt: number): Map<string, Uint8Array> {
  const sizes: [string, number][] = [
    ["a/four", 3 * BLOCK_BYTES + 10],
    ["a/three", 2 * BLOCK_BYTES + 3],
    ["b/block", BLOCK_BYTES],
    ["b/most", 300_000],
    ["b/two", BLOCK_BYTES + 1],
    ["c/empty", 0],
    ["c/one", 1],
    ...Array.from({ length: 12 }, (_, i): [string, number] => [`d/${i}`, 3_000 + 5_000 * i]),
  ];
  return new Map(sizes.map(([name, sizeBytes], at) => [`src/${name}`, noise(sizeBytes, 100 * salt + at)]));
}

/** The staged files and the journal of a download, by their paths in the staging folder. */
export type Staged = Map<string, Uint8Array>;

/** A share for any number of downloads. */
export class Served {
  readonly clock = new SimulatedClock();
  readonly fixture = new TransferFixture();
  /** In the order of the collection. */
  files: Files;
  share!: Share;

  constructor(salt: number) {
    this.files = content(salt);
    for (const [name, bytes] of this.files) this.fixture.senderDisk.writeFile(`/${name}`, bytes);
  }

  get sizeBytes(): number {
    return [...this.files.values()].reduce((sum, bytes) => sum + bytes.length, 0);
  }

  async start(): Promise<this> {
    const engine = this.fixture.engine(this.fixture.senderDisk, this.clock);
    this.share = await this.clock.settled(engine.share({
      paths: ["/src"],
      secretKey: newKey(),
      relay: "disabled",
      ticketKind: "auto",
      keep: true,
      onEvent: () => {},
    }));
    return this;
  }

  /** The staging folder into which a test puts the data of an earlier run. */
  get staging(): string {
    return `/dst/.pli-${this.share.hash.subarray(0, 8).toHex()}-${"0".repeat(32)}`;
  }

  /** Downloads into a disk, and counts the bytes of the sender's streams. */
  async fetch(disk: MemoryDisk, stopBytes = Infinity): Promise<Fetched & { sentBytes: number }> {
    const stop = new AbortController();
    let sentBytes = 0;
    this.fixture.network.tamper = (packet) => {
      sentBytes += packet.length;
      if (sentBytes >= stopBytes) stop.abort();
      return packet;
    };
    const { network: { bind } } = this.fixture;
    const hasher = await bestHasher();
    const fetching = new Engine({ bind, hasher, disk, clock: this.clock }).fetch({
      ticket: parseTicket(this.share.ticket),
      secretKey: newKey(),
      relay: "disabled",
      destination: { kind: "folder", folder: "/dst", existing: "merge" },
      decide: () => Promise.resolve(true),
      waitLimits: { firstMs: 0, laterMs: 0 },
      signal: stop.signal,
      onEvent: (event) => {
        if (event.type !== "manifest") return;
        this.files = new Map(Array.from(event.files, ({ name }) => [name, this.files.get(name)!]));
      },
    });
    return { ...await this.clock.settled(fetching, this.clock.nowMs() + 600_000), sentBytes };
  }

  /** The staged data of a download that is stopped after `stopBytes` sent bytes. */
  async interrupted(stopBytes: number, rttMs: number): Promise<Staged> {
    const disk = new MemoryDisk();
    disk.makeFolders("/dst");
    // With a long round trip there are several streams, and so gaps.
    this.fixture.network.rttMs = rttMs;
    await this.fetch(disk, stopBytes).then(() => Promise.reject(new Error("was not stopped")), () => {});
    this.fixture.network.rttMs = 1;
    const paths = ["journal", ...[...this.files.keys()].map((name) => `files/${name}`)];
    const [staging] = disk.names("/dst")!.filter((name) => name.startsWith(".pli-"));
    return new Map(paths.flatMap((path) => {
      const bytes = disk.bytesOf(`/dst/${staging}/${path}`);
      return bytes === null ? [] : [[path, bytes.slice()]];
    }));
  }

  /** The staged path of the file of a journal's record; null if there is none. */
  stagedAs(record: Uint8Array): string | null {
    const key = record.subarray(0, 4).toHex();
    for (const [node, known] of recordsOf(this.files, this.fixture.hasher)) {
      if (known.subarray(0, 4).toHex() === key) {
        return `files/${[...this.files.keys()][Number.parseInt(node)]}`;
      }
    }
    return null;
  }

  async stop(): Promise<void> {
    await this.clock.settled(this.share.close());
  }
}

export const HEADER_BYTES = 48;
export const RECORD_BYTES = 76;

/** The records of all pairs above the blocks of files, in the order of the collection, as journals have them. */
export function recordsOf(files: Files, hasher: TransferFixture["hasher"]): Map<string, Uint8Array> {
  const records = new Map<string, Uint8Array>();
  [...files.values()].forEach((bytes, index) => {
    const value = (first: number, end: number): Uint8Array =>
      end - first === 1
        ? hasher.leaf(bytes.subarray(first * BLOCK_BYTES, end * BLOCK_BYTES), first * 1024, false)
        : hasher.parent(...halves(first, end), false);
    const halves = (first: number, end: number): [Uint8Array, Uint8Array] => {
      const middle = first + leftChunks(end - first);
      return [value(first, middle), value(middle, end)];
    };
    const blocks = blockCount(bytes.length);
    const root = blocks === 1 ? null : hasher.parent(...halves(0, blocks), true);
    const visit = (first: number, end: number): void => {
      if (end - first === 1) return;
      const record = new Uint8Array(RECORD_BYTES);
      record.set(root!.subarray(0, 4));
      new Uint32Array(record.buffer, 4, 2).set([first, end]);
      halves(first, end).forEach((half, at) => record.set(half, 12 + 32 * at));
      records.set(`${index} ${first} ${end}`, record);
      const middle = first + leftChunks(end - first);
      visit(first, middle);
      visit(middle, end);
    };
    visit(0, blocks);
  });
  return records;
}

function noise(sizeBytes: number, seed: number): Uint8Array {
  const words = new Uint32Array(Math.ceil(sizeBytes / 4));
  let state = Math.imul(seed + 1, 0x9e3779b1) >>> 0 | 1;
  for (let i = 0; i < words.length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[i] = state;
  }
  return new Uint8Array(words.buffer, 0, sizeBytes);
}
