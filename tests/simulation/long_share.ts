// A share that is kept for 24 hours of virtual time, with receivers that connect, are cut off, killed, return, are
// refused, and never return. After each hour without a receiver left it prints the live objects, as a line of JSON. It
// is a separate process, which needs `--v8-flags=--expose-gc`.

import { wasmHasher } from "../../src/engine/blake3/wasm_hasher.ts";
import { Engine, formatTicket, isPliError, parseTicket } from "../../src/engine/mod.ts";
import { BlockPool } from "../../src/engine/store/block_pool.ts";
import { Peer } from "../../src/engine/transfer/provide/peer.ts";
import { ReceiverProgress } from "../../src/engine/transfer/provide/receiver_progress.ts";
import { MemoryDisk } from "../fakes/memory_disk.ts";
import { Chance } from "../fuzz/mutation.ts";
import { alive, beginCensus, entriesAlive, register } from "./census.ts";
import { leakedMemory } from "./pool_watch.ts";
import { Process } from "./process.ts";
import { processDisk } from "./process_disk.ts";
import { SimulatedClock } from "./simulated_clock.ts";
import { SimulatedNetwork } from "./simulated_network.ts";

/** Live objects at the end of an hour. */
export interface HourSample {
  hour: number;
  /** The visits in this hour and their outcomes. */
  visits: number;
  completed: number;
  /** Resources of the simulated system for the sender, such as sockets. */
  endpoints: number;
  connections: number;
  streams: number;
  timers: number;
  openFiles: number;
  /** Entries of all maps and sets. */
  entries: number;
  /** Blocks that receivers have taken from pools, and bytes of the sender's budget, that were not returned. */
  blocks: number;
  budgetBytes: number;
  /** Objects of the engine for one connection, or for one receiver of data. */
  peers: number;
  progresses: number;
  heapBytes: number;
}

const HOUR_MS = 3_600_000;
const HOURS = 24;
/** Hours in which more receivers connect than the share keeps entries for. */
const BUSY_HOURS = 2;
const MANY = 650;
const FEW = 25;
/** The part of an hour in which receivers connect. In the rest each of them can end. */
const COMING_MS = 40 * 60_000;
const KEY_BYTES = 32;
/** The largest file of the share. */
const LARGE_BYTES = 80_000;
const collectGarbage = (globalThis as unknown as { gc: () => void }).gc;

/** Outcomes of a receiver of data, and of any visit. */
const TAKING = ["completes", "cut", "killed", "returns", "cancelled"] as const;
const FATES = [...TAKING, "looks", "refused", "idles", "half asks"] as const;
type Fate = typeof FATES[number];

const hasher = wasmHasher();
const FREE_DISK = { isFull: false, failing: [], failedCalls: 0, delayMs: () => 0 };
const NO_WATCH = { changes: () => {}, writes: () => {}, appeared: () => {} };

/** Number of collections before each sample, and the pause before those that are repeated. */
const LEAST_COLLECTIONS = 3;
const MOST_COLLECTIONS = 100;
const COLLECTION_PAUSE_MS = 100;

class LongShare {
  readonly #clock = new SimulatedClock();
  readonly #chance = new Chance(24);
  readonly #network = new SimulatedNetwork(this.#clock, this.#chance);
  readonly #sender = new Process("sender", this.#clock);
  #ticket = "";
  #visitors = 0;
  #underWay = 0;
  #visits = 0;
  #completed = 0;
  #failure: unknown = null;

  async run(): Promise<void> {
    this.#network.latencyMs = 5;
    this.#network.onConnection = (connection) => register("connection", connection);
    this.#network.onStream = (pipe) => register("stream", pipe);
    const disk = new MemoryDisk();
    disk.writeFile("/src/large", this.#chance.bytes(LARGE_BYTES));
    for (let at = 0; at < 5; at++) disk.writeFile(`/src/folder/${at}`, this.#chance.bytes(100 * (at + 1)));
    const sharing = this.#engine(this.#sender, disk).share({
      paths: ["/src"],
      secretKey: new Uint8Array(KEY_BYTES).fill(1),
      relay: "disabled",
      ticketKind: "auto",
      keep: true,
      onEvent: (event) => {
        if (event.type === "answer_failed") this.#failure ??= new Error(event.reason);
      },
    });
    const share = await this.#clock.settled(sharing);
    this.#ticket = share.ticket;
    for (let hour = 1; hour <= HOURS; hour++) await this.#hour(hour);
    await this.#clock.settled(share.close());
    if (this.#network.endpoints > 0) throw new Error("endpoints are left");
  }

  async #hour(hour: number): Promise<void> {
    const startMs = (hour - 1) * HOUR_MS;
    const count = hour <= BUSY_HOURS ? MANY : FEW;
    const fates: readonly Fate[] = hour <= BUSY_HOURS ? TAKING : FATES;
    this.#visits = this.#completed = 0;
    for (let visit = 0; visit < count; visit++) {
      const delayMs = startMs + COMING_MS * visit / count - this.#clock.nowMs();
      this.#clock.timer(delayMs, () => void this.#visit(this.#chance.pick(fates)));
    }
    await this.#clock.runUntil(() => this.#failure !== null, startMs + HOUR_MS);
    if (this.#failure !== null) throw this.#failure;
    if (this.#underWay > 0) throw new Error(`${this.#underWay} visits of hour ${hour} have not ended`);
    await this.#print(hour);
  }

  /**
   * Collects garbage, until nothing of a visit is alive or a time has passed: a compilation in another thread keeps
   * objects of the code's last run for as long as it takes. What leaks stays.
   */
  async #collect(): Promise<void> {
    const kinds = ["connection", "stream", "block", "peer"] as const;
    const isAnyAlive = () => kinds.some((kind) => alive(kind) > 0);
    for (let turn = 0; turn < LEAST_COLLECTIONS || (turn < MOST_COLLECTIONS && isAnyAlive()); turn++) {
      await new Promise((resolve) => setTimeout(resolve, turn < LEAST_COLLECTIONS ? 0 : COLLECTION_PAUSE_MS));
      collectGarbage();
    }
  }

  async #print(hour: number): Promise<void> {
    await this.#collect();
    const sample: HourSample = {
      hour,
      visits: this.#visits,
      completed: this.#completed,
      endpoints: this.#network.endpoints,
      connections: alive("connection"),
      streams: alive("stream"),
      timers: this.#clock.timers,
      openFiles: this.#sender.openFiles.size,
      entries: entriesAlive(),
      blocks: alive("block"),
      budgetBytes: leakedMemory().bytes,
      peers: alive("peer"),
      progresses: alive("progress"),
      heapBytes: Deno.memoryUsage().heapUsed,
    };
    Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify(sample) + "\n"));
  }

  // --- visits ------------------------------------------------------------------------------------------

  async #visit(fate: Fate): Promise<void> {
    this.#visits++;
    this.#underWay++;
    const key = this.#freshKey();
    try {
      if (fate === "idles" || fate === "half asks") await this.#intrude(key, fate);
      else if (fate === "looks") await this.#look(key);
      else if (fate === "refused") await this.#isRefused(key);
      else await this.#receive(key, fate);
    } catch (error) {
      this.#failure ??= error;
    } finally {
      this.#underWay--;
    }
  }

  /** A receiver with a separate disk, up to its end or until it is killed. */
  async #receive(key: Uint8Array, fate: Fate): Promise<void> {
    const disk = new MemoryDisk();
    disk.makeFolders("/dst");
    const process = new Process("receiver", this.#clock);
    const stop = new AbortController();
    const killed = Promise.withResolvers<"killed">();
    const inTheMiddle = (act: () => void) => this.#network.afterBytes(this.#chance.below(LARGE_BYTES), act);
    if (fate === "cut") inTheMiddle(() => this.#network.cut(this.#chance.below(2) === 0));
    if (fate === "cancelled") inTheMiddle(() => stop.abort());
    if (fate === "killed" || fate === "returns") {
      inTheMiddle(() => {
        process.kill();
        this.#network.vanish(process, this.#chance.below(2) === 0);
        killed.resolve("killed");
      });
    }
    const end = await Promise.race([this.#fetch(process, disk, key, stop.signal), killed.promise]);
    if (end === "killed" && fate === "returns") {
      await this.#clock.sleep(this.#chance.below(10 * 60_000));
      await this.#fetch(new Process("receiver", this.#clock), disk, key);
    }
  }

  async #fetch(
    process: Process,
    disk: MemoryDisk,
    secretKey: Uint8Array,
    signal?: AbortSignal,
  ): Promise<string> {
    try {
      await this.#engine(process, disk).fetch({
        ticket: parseTicket(this.#ticket),
        secretKey,
        relay: "disabled",
        destination: { kind: "folder", folder: "/dst", existing: "merge" },
        decide: () => Promise.resolve(true),
        waitLimits: { firstMs: Infinity, laterMs: Infinity },
        onEvent: () => {},
        signal,
      });
      this.#completed++;
      return "completed";
    } catch (error) {
      if (!isPliError(error, "cancelled")) throw error;
      return "cancelled";
    }
  }

  async #look(secretKey: Uint8Array): Promise<void> {
    const process = new Process("receiver", this.#clock);
    const engine = this.#engine(process, new MemoryDisk());
    await engine.inspect({
      ticket: parseTicket(this.#ticket),
      secretKey,
      relay: "disabled",
      onEvent: () => {},
    })
      // The cut for another visitor may have affected it.
      .catch((error) => {
        if (!isPliError(error, "connection_lost")) throw error;
      });
  }

  async #isRefused(secretKey: Uint8Array): Promise<void> {
    const ticket = formatTicket({ ...parseTicket(this.#ticket), hash: this.#chance.bytes(32) });
    const engine = this.#engine(new Process("receiver", this.#clock), new MemoryDisk());
    await engine.inspect({ ticket: parseTicket(ticket), secretKey, relay: "disabled", onEvent: () => {} })
      .then(
        () => Promise.reject(new Error("it was not refused")),
        (error) => {
          if (!isPliError(error, "peer_refused") && !isPliError(error, "connection_lost")) throw error;
        },
      );
  }

  /** A raw client that connects and sends nothing, or half a request, until it is closed. */
  async #intrude(secretKey: Uint8Array, fate: Fate): Promise<void> {
    const process = new Process("other_receiver", this.#clock);
    const endpoint = await this.#network.bind(process)({
      secretKey,
      relay: "disabled",
      lookup: "none",
      accept: new Map(),
    });
    const { endpointId: id } = parseTicket(this.#ticket);
    const alpn = this.#chance.pick(["/iroh-bytes/4", "sendme/metadata/1"]);
    const connection = await endpoint.connect({ id, relayUrl: null, directAddresses: [] }, alpn);
    if (fate === "half asks") {
      for (let stream = 0; stream < 3; stream++) {
        const { send } = await connection.openBi();
        await send.write([Uint8Array.of(0)]);
      }
    }
    await connection.closed;
    await endpoint.close();
  }

  #freshKey(): Uint8Array {
    const key = new Uint8Array(KEY_BYTES).fill(2);
    new DataView(key.buffer).setUint32(0, this.#visitors++);
    return key;
  }

  #engine(process: Process, disk: MemoryDisk): Engine {
    return new Engine({
      bind: this.#network.bind(process),
      hasher,
      disk: processDisk(disk, process, FREE_DISK, NO_WATCH),
      clock: process.clock,
    });
  }
}

function watchEngine(): void {
  const { take } = BlockPool.prototype;
  BlockPool.prototype.take = async function (this: BlockPool) {
    const block = await take.call(this);
    register("block", block);
    return block;
  };
  const { closeWhenSilent } = Peer.prototype;
  Peer.prototype.closeWhenSilent = function (this: Peer) {
    register("peer", this);
    return closeWhenSilent.call(this);
  };
  const { answers } = ReceiverProgress.prototype;
  ReceiverProgress.prototype.answers = function (this: ReceiverProgress, takenBytes) {
    register("progress", this);
    return answers.call(this, takenBytes);
  };
}

if (import.meta.main) {
  beginCensus();
  watchEngine();
  await new LongShare().run();
}
