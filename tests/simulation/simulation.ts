// One simulation: a share and a download of it, with the faults of its scenario. The judge checks the invariants at
// every change; the final ones are checked here.

import { wasmHasher } from "../../src/engine/blake3/wasm_hasher.ts";
import {
  type Destination,
  Engine,
  type ErrorCode,
  isPliError,
  parseTicket,
  type Share,
  type ShareEnd,
  type TransferEvent,
} from "../../src/engine/mod.ts";
import { MemoryDisk } from "../fakes/memory_disk.ts";
import { Chance } from "../fuzz/mutation.ts";
import { Judge } from "./judge.ts";
import { forgetPools, leakedMemory } from "./pool_watch.ts";
import { Process } from "./process.ts";
import { type DiskConditions, processDisk, type Watch } from "./process_disk.ts";
import type { Fault, Scenario } from "./scenario.ts";
import { SimulatedClock } from "./simulated_clock.ts";
import { SimulatedNetwork } from "./simulated_network.ts";

const hasher = wasmHasher();
/** Maximum duration after the last fault, which includes the wait for a claim. */
const LATEST_MS = 15 * 60_000;
const [SENDER_KEY, RECEIVER_KEY, OTHER_RECEIVER_KEY] = [1, 2, 3].map((fill) => new Uint8Array(32).fill(fill));
/** Pause of a user before the next attempt after an error; it grows. */
const RETRY_MS = 5_000;

/** Errors that may end an attempt after a fault. */
const REASONS: Partial<Record<Fault["kind"], ErrorCode[]>> = {
  "disk full": ["disk_full"],
  "disk fails": ["disk_failed"],
  cancelled: ["cancelled"],
  "bits flipped": [
    "wrong_bytes",
    "message_malformed",
    "limit_exceeded",
    "peer_refused",
    "source_lost",
    "name_refused",
  ],
};
/** Errors after a fault after which another attempt is useless. */
const ENDS: Partial<Record<Fault["kind"], ErrorCode[]>> = {
  "source changed": ["source_lost"],
  "source gone": ["source_lost"],
  "sender's disk fails": ["source_lost"],
  other_receiver: ["peer_refused"],
};

/** Faults that can disconnect a receiver from its share, or the share from its holder. */
const AWAY: ReadonlySet<Fault["kind"]> = new Set<Fault["kind"]>([
  "cut",
  "sender killed",
  "receiver killed",
  "power cut",
  "network down",
  "sender frozen",
  "receiver frozen",
  "disk full",
  "disk fails",
  "bits flipped",
  "cancelled",
]);

export interface Outcome {
  /** `fetched`; `ended` if the sender got the receipt and the receiver was killed; or the code of an error. */
  result: "fetched" | "ended" | ErrorCode;
  virtualMs: number;
  /** From the end of the last fault to the end of the download. */
  afterMs: number;
  attempts: number;
  faults: readonly Fault["kind"][];
  /** Calls of the disks that failed. */
  failedCalls: number;
  /** The last run's end by its rule, within the time allowed after the download; null if there is none. */
  shareEnd: ShareEnd | null;
}

/** Runs a scenario. Throws after a violation. */
export async function simulate(scenario: Scenario): Promise<Outcome> {
  forgetPools();
  return await new Simulation(scenario).run();
}

class Simulation {
  readonly #scenario: Scenario;
  readonly #clock = new SimulatedClock();
  readonly #chance: Chance;
  readonly #network: SimulatedNetwork;
  readonly #senderDisk = new MemoryDisk();
  readonly #receiverDisk: MemoryDisk;
  readonly #judge: Judge;
  readonly #conditions: DiskConditions;
  readonly #senderConditions: DiskConditions;
  readonly #processes: Process[] = [];
  readonly #happened = new Set<Fault["kind"]>();
  #sender: { process: Process; share: Share | null } | null = null;
  #receiver: { process: Process; stop: AbortController } | null = null;
  #ticket = "";
  #attempts = 0;
  #operations = 0;
  #waiting: { operations: number; act: () => void }[] = [];
  /** End of the last fault. */
  #calmMs = 0;
  #result: Outcome["result"] | null = null;
  #ended: "delivered" | "sent" | "spoiled" | "other_receiver" | null = null;
  /** The names of files that were changed or removed at the sender. */
  readonly #changed = new Set<string>();
  /** Files that the receiver reported as lost. */
  #lost: ReadonlySet<string> = new Set();
  #isLostKept = false;
  #failure: unknown = null;
  #shareEnd: ShareEnd | null = null;
  #otherReceivers = 0;
  #hasOtherReceiverAll = false;
  /** The bytes that the function has received in the last attempt. */
  #arrivedBytes = 0;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    const { seed, hasLinks: links, syncsVolume, isSlowDisk, files, before } = scenario;
    this.#chance = new Chance(seed);
    this.#network = new SimulatedNetwork(this.#clock, this.#chance);
    const { latencyMs, bytesPerMs, packetBytes } = scenario;
    Object.assign(this.#network, { latencyMs, bytesPerMs, packetBytes });
    this.#receiverDisk = new MemoryDisk({ links, syncsVolume, losesPower: true });
    this.#judge = new Judge(scenario, this.#receiverDisk);
    const delayMs = () => this.#chance.below(isSlowDisk ? 2 : 16) === 0 ? 1 + this.#chance.below(20) : 0;
    this.#conditions = { isFull: false, failing: [], failedCalls: 0, delayMs };
    this.#senderConditions = { ...this.#conditions, failing: [] };
    for (const [name, bytes] of files) this.#senderDisk.writeFile(`/${name}`, bytes);
    this.#receiverDisk.makeFolders("/dst");
    this.#receiverDisk.writeFile("/outside", "as it was");
    for (const [name, bytes] of before) this.#receiverDisk.writeFile(`/dst/${name}`, bytes);
    this.#receiverDisk.flush();
  }

  async run(): Promise<Outcome> {
    await this.#startSender();
    this.#ticket = this.#sender!.share!.ticket;
    for (const { moment, fault } of this.#scenario.faults) {
      const act = () => this.#happen(fault);
      if (moment.kind === "ms") this.#clock.timer(moment.count, act);
      else if (moment.kind === "bytes") this.#network.afterBytes(moment.count, act);
      else this.#waiting.push({ operations: moment.count, act });
    }
    this.#startReceiver();
    const isOver = () => this.#result !== null || this.#failure !== null || this.#judge.violation !== null;
    // A late fault delays the end.
    while (!isOver()) {
      const latestMs = this.#calmMs + LATEST_MS;
      if (await this.#clock.runUntil(isOver, latestMs) || this.#calmMs + LATEST_MS > latestMs) continue;
      // The watchdog: without a timer no process can continue.
      this.#must(!this.#clock.isIdle, "stands still: every process waits, and no timer is set");
      this.#must(false, `stands still: not over ${LATEST_MS / 60_000} min after the last fault`);
    }
    const afterMs = this.#clock.nowMs() - this.#calmMs;
    this.#throwFailure();
    await this.#end();
    return {
      result: this.#result!,
      virtualMs: this.#clock.nowMs(),
      afterMs: Math.max(0, afterMs),
      attempts: this.#attempts,
      faults: [...this.#happened],
      failedCalls: this.#conditions.failedCalls + this.#senderConditions.failedCalls,
      shareEnd: this.#shareEnd,
    };
  }

  // --- the two ends ------------------------------------------------------------------------------------

  #process(name: string): Process {
    const process = new Process(name, this.#clock);
    this.#processes.push(process);
    return process;
  }

  #engine(process: Process, disk: MemoryDisk, conditions: DiskConditions, watch: Watch): Engine {
    return new Engine({
      bind: this.#network.bind(process),
      hasher,
      disk: processDisk(disk, process, conditions, watch),
      clock: process.clock,
    });
  }

  async #startSender(): Promise<void> {
    if (this.#result !== null) return;
    const process = this.#process("sender");
    const sender = { process, share: null as Share | null };
    this.#sender = sender;
    const forbidden = () => this.#judge.must(false, () => "the sender changes its disk");
    const watch = { changes: forbidden, writes: forbidden, appeared: forbidden };
    const engine = this.#engine(process, this.#senderDisk, this.#senderConditions, watch);
    let deliveries = 0;
    const sharing = engine.share({
      paths: ["/src"],
      secretKey: SENDER_KEY,
      relay: "disabled",
      ticketKind: "auto",
      keep: this.#scenario.isKept,
      onEvent: (event) => {
        if (!process.isAlive) return;
        this.#noteMistake(event);
        if (event.type !== "delivered") return;
        this.#must(++deliveries === 1 || this.#scenario.isKept, "delivered twice");
        const isOurs = event.id === RECEIVER_KEY.toHex();
        // The reported delivery must be true.
        if (isOurs && this.#changed.size === 0 && !this.#happened.has("bits flipped")) {
          this.#judgeComplete();
        }
        if (isOurs || !this.#scenario.isKept) this.#ended = isOurs ? "delivered" : "other_receiver";
      },
    });
    // The first one has nothing to fear yet.
    const share = await (this.#ticket === "" ? this.#clock.settled(sharing) : sharing).catch((error) => {
      if (this.#changed.size === 0) this.#fail(error);
      return null;
    });
    if (share === null || !process.isAlive) return;
    sender.share = share;
    // It was started again after the end.
    if (this.#result !== null) share.close().catch((error) => this.#fail(error));
    if (this.#changed.size === 0 && this.#ticket !== "") {
      this.#must(share.ticket === this.#ticket, "another ticket");
    }
    share.ended.then((end) => {
      if (!process.isAlive) return;
      if (end === "sent" || end === "spoiled") this.#ended ??= end;
      // Like pli after the end of its share.
      share.close().catch((error) => this.#fail(error));
    });
  }

  #startReceiver(): void {
    if (this.#result !== null) return;
    if (++this.#attempts > 30) return this.#must(false, "too many attempts");
    const process = this.#process("receiver");
    const stop = new AbortController();
    this.#receiver = { process, stop };
    process.onOperation = () => this.#countOperation();
    const { wanted, existing, isToFunction } = this.#scenario;
    this.#engine(process, this.#receiverDisk, this.#conditions, this.#judge).fetch({
      ticket: parseTicket(this.#ticket),
      secretKey: RECEIVER_KEY,
      relay: "disabled",
      destination: isToFunction ? this.#function(process) : { kind: "folder", folder: "/dst", existing },
      only: wanted === null ? undefined : (name) => wanted.has(name),
      decide: () => Promise.resolve(true),
      waitLimits: { firstMs: Infinity, laterMs: Infinity },
      signal: stop.signal,
      onEvent: () => {},
    }).then(({ lost, keptBytes }) => {
      if (!process.isAlive) return;
      for (const { name } of lost) {
        const isTrue = this.#changed.has(name) || this.#happened.has("bits flipped");
        this.#must(isTrue, `${name} is called lost and was not changed`);
      }
      this.#lost = new Set(lost.map(({ name }) => name));
      this.#isLostKept = keptBytes > 0;
      this.#judgeComplete();
      this.#result = "fetched";
    }).catch((error) => {
      if (process.isAlive) this.#attemptFailed(error, stop.signal);
    });
    this.#lookWhetherEnded(process, stop);
  }

  /** A function that receives bytes: in order, from the first to the last, each once. */
  #function(process: Process): Destination {
    const [[, bytes]] = this.#scenario.files;
    let offsetBytes = 0;
    this.#arrivedBytes = 0;
    const write = async (part: Uint8Array): Promise<void> => {
      const right = bytes.subarray(offsetBytes, offsetBytes + part.length);
      this.#judge.must(
        Buffer.compare(part, right) === 0,
        () => `wrong bytes to a function at ${offsetBytes}`,
      );
      offsetBytes += part.length;
      await process.clock.sleep(this.#conditions.delayMs());
      this.#arrivedBytes += part.length;
    };
    return { kind: "bytes", write };
  }

  /** A receiver that connects after the end of its share retries without a limit, until its user cancels it. */
  #lookWhetherEnded(process: Process, stop: AbortController): void {
    this.#clock.timer(60_000, () => {
      if (!process.isAlive || this.#result !== null || this.#receiver?.process !== process) return;
      if (this.#ended === null && !this.#isSenderLost()) return this.#lookWhetherEnded(process, stop);
      this.#must(this.#ended !== "sent", "the share ended as sent before the receiver had everything");
      stop.abort();
    });
  }

  /** Whether the share could not be resumed because of its source. */
  #isSenderLost(): boolean {
    return this.#changed.size > 0 && this.#sender?.process.isAlive === true && this.#sender.share === null;
  }

  #attemptFailed(error: unknown, { aborted }: AbortSignal): void {
    this.#receiver = null;
    if (!isPliError(error)) return this.#fail(error);
    if (aborted && error.code === "cancelled" && (this.#ended !== null || this.#isSenderLost())) {
      this.#result = this.#ended === "delivered" ? "ended" : "cancelled";
      return;
    }
    // The share ended when its last receiver was killed, and exists as long as that connection is open.
    if (this.#ended === "delivered" && error.code === "peer_refused") {
      this.#result = "ended";
      return;
    }
    const fits = (codes: typeof REASONS) =>
      [...this.#happened].some((kind) => codes[kind]?.includes(error.code));
    // A sender that is started again after a change creates another share.
    const isOtherShare = error.code === "peer_refused" && this.#changed.size > 0 &&
      this.#happened.has("sender killed");
    if (fits(ENDS) || isOtherShare) this.#result = error.code;
    else if (fits(REASONS)) this.#clock.timer(RETRY_MS * this.#attempts, () => this.#startReceiver());
    else this.#fail(error);
  }

  // --- faults ------------------------------------------------------------------------------------------

  #happen(fault: Fault): void {
    if (this.#result !== null || this.#failure !== null) return;
    this.#happened.add(fault.kind);
    const nowMs = this.#clock.nowMs();
    this.#calmMs = Math.max(this.#calmMs, nowMs);
    switch (fault.kind) {
      case "cut":
        return this.#network.cut(fault.isSilent);
      case "network down":
        this.#network.goDown(fault.awayMs);
        return this.#calmAfter(fault.awayMs);
      case "sender killed":
        return this.#killSender(fault.isSilent, fault.awayMs);
      case "receiver killed":
      case "power cut":
        return this.#killReceiver(fault.kind === "power cut", fault.isSilent, fault.awayMs);
      case "sender frozen":
      case "receiver frozen":
        return this.#freeze(fault.kind === "sender frozen" ? this.#sender : this.#receiver, fault.awayMs);
      case "disk full":
        this.#conditions.isFull = true;
        return this.#calmAfter(fault.awayMs, () => this.#conditions.isFull = false);
      case "sender's disk fails":
        for (const name of this.#scenario.files.keys()) this.#changed.add(name);
        this.#senderConditions.failing.push({ ...fault.calls });
        return;
      case "disk fails":
        this.#conditions.failing.push({ ...fault.calls });
        return;
      case "bits flipped":
        this.#network.flipsOneIn = 4;
        return this.#calmAfter(Math.min(fault.awayMs, 20_000), () => this.#network.flipsOneIn = 0);
      case "clock set":
        this.#clock.offsetMs += fault.byMs;
        return;
      case "source changed":
      case "source gone":
        return this.#changeSource(fault.kind === "source gone", fault.file);
      case "cancelled":
        return this.#receiver?.stop.abort();
      case "other_receiver":
        return this.#startOtherReceiver();
    }
  }

  #calmAfter(durationMs: number, act: () => void = () => {}): void {
    this.#calmMs = Math.max(this.#calmMs, this.#clock.nowMs() + durationMs);
    this.#clock.timer(durationMs, act);
  }

  #freeze(end: { process: Process } | null, durationMs: number): void {
    if (end === null || !end.process.isAlive || end.process.isFrozen) return;
    this.#network.freeze(end.process, durationMs);
    this.#calmAfter(durationMs);
  }

  #killSender(isSilent: boolean, awayMs: number): void {
    const { process } = this.#sender!;
    // An ended share is not resumed.
    if (!process.isAlive || this.#ended !== null) return;
    process.kill();
    this.#network.vanish(process, isSilent);
    this.#calmAfter(awayMs, () => void this.#startSender());
  }

  #killReceiver(isPowerCut: boolean, isSilent: boolean, awayMs: number): void {
    // Between two attempts there is no process to kill.
    if (this.#receiver === null) return;
    const { process } = this.#receiver;
    this.#receiver = null;
    process.kill();
    this.#network.vanish(process, isSilent);
    if (isPowerCut) {
      this.#receiverDisk.cutPower((end) => this.#chance.below(end));
      this.#judge.judgeBelow("/dst");
    }
    this.#calmAfter(awayMs, () => this.#startReceiver());
  }

  #changeSource(isGone: boolean, at: number): void {
    const name = [...this.#scenario.files.keys()][at % this.#scenario.files.size];
    const bytes = this.#senderDisk.bytesOf(`/${name}`);
    if (bytes === null) return;
    this.#changed.add(name);
    if (isGone) void this.#senderDisk.remove(`/${name}`);
    else {
      const changed = this.#chance.below(3) === 0
        ? bytes.slice(0, this.#chance.below(bytes.length + 1))
        : bytes.slice();
      if (changed.length > 0) changed[this.#chance.below(changed.length)] ^= 1;
      this.#senderDisk.writeFile(`/${name}`, changed);
    }
  }

  /** Another receiver with the ticket makes one attempt. */
  #startOtherReceiver(): void {
    this.#otherReceivers++;
    const disk = new MemoryDisk();
    disk.makeFolders("/dst");
    const scenario = { ...this.#scenario, before: new Map(), wanted: null, existing: "merge" as const };
    const judge = new Judge(scenario, disk);
    const process = this.#process("other_receiver");
    const conditions = { isFull: false, failing: [], failedCalls: 0, delayMs: () => 0 };
    this.#engine(process, disk, conditions, judge).fetch({
      ticket: parseTicket(this.#ticket),
      secretKey: OTHER_RECEIVER_KEY,
      relay: "disabled",
      destination: { kind: "folder", folder: "/dst", existing: "merge" },
      decide: () => Promise.resolve(true),
      waitLimits: { firstMs: 0, laterMs: 0 },
      onEvent: () => {},
    }).then(({ lost }) => {
      for (const { name } of lost) {
        const isTrue = this.#changed.has(name) || this.#happened.has("bits flipped");
        this.#must(isTrue, `${name} is called lost by a other_receiver and was not changed`);
      }
      judge.judgeComplete(new Set(lost.map(({ name }) => name)));
      this.#hasOtherReceiverAll = lost.length === 0;
    }).catch((error) => {
      if (judge.violation !== null || !isPliError(error) || isPliError(error, "internal")) this.#fail(error);
    }).finally(() => this.#otherReceivers--);
  }

  #countOperation(): void {
    this.#operations++;
    const due = this.#waiting.filter(({ operations }) => operations <= this.#operations);
    if (due.length === 0) return;
    this.#waiting = this.#waiting.filter((each) => !due.includes(each));
    for (const { act } of due) act();
  }

  // --- the end -----------------------------------------------------------------------------------------

  /** Awaits the end of everything, and checks for leaks. */
  async #end(): Promise<void> {
    const share = this.#sender?.process.isAlive ? this.#sender.share : null;
    const endMs = this.#clock.nowMs() + LATEST_MS;
    const isOneWay = this.#scenario.isKept || this.#result !== "fetched" || share === null;
    if (!isOneWay) {
      share.ended.then((end) => this.#shareEnd = end);
      await this.#clock.runUntil(() => this.#shareEnd !== null, endMs);
    }
    await this.#clock.settled(share?.close() ?? Promise.resolve(), endMs + 60_000);
    await this.#clock.runUntil(() => this.#otherReceivers === 0, endMs + 120_000);
    await this.#clock.runUntil(() => false, this.#clock.nowMs() + 120_000);
    this.#throwFailure();
    this.#must(this.#receiverDisk.readFile("/outside") === "as it was", "something outside has changed");
    const isComplete = this.#result === "fetched" || this.#result === "ended";
    // Only a disconnected receiver can lose its claim to another one.
    const wasAway = [...this.#happened].some((kind) => AWAY.has(kind));
    // Empty and existing files are not requested, so the share is not claimed.
    const isClaimed = [...this.#scenario.files].some(([name, { length }]) =>
      length > 0 && !this.#scenario.before.has(name) && (this.#scenario.wanted?.has(name) ?? true)
    );
    const isTwice = isClaimed && this.#hasOtherReceiverAll && isComplete && !this.#scenario.isKept &&
      !wasAway;
    this.#must(!isTwice, "a single-use share went to two receivers");
    // Files that could not be removed at the end are left.
    if (this.#result === "fetched" && !this.#happened.has("disk fails")) {
      const names = this.#receiverDisk.names("/dst")!;
      const isStaged = names.some((name) => name.startsWith(".pli-"));
      this.#must(isStaged === this.#isLostKept, "the staging folder is left, or is not there");
    }
    if (isComplete) {
      // A receiver with a complete receipt has all files on the device.
      this.#receiverDisk.cutPower(() => 0);
      // Bytes given to a function cannot be checked after the process was killed.
      const isGone = this.#result === "ended" && this.#scenario.isToFunction;
      const mayBeLess = this.#result === "ended" && this.#happened.has("bits flipped");
      if (!isGone && !mayBeLess) this.#judgeComplete();
    } else this.#judge.judgeBelow("/dst");
    const alive = this.#processes.filter(({ isAlive }) => isAlive);
    for (const { name, openFiles, locks } of alive) {
      this.#must(openFiles.size === 0, `${name}: ${openFiles.size} files are left open`);
      this.#must(locks.size === 0, `${name}: a lock is kept`);
    }
    this.#must(this.#network.endpoints === 0, `${this.#network.endpoints} endpoints are left`);
    if (alive.length < this.#processes.length) return;
    const { blocks, bytes } = leakedMemory();
    this.#must(blocks === 0 && bytes === 0, `${blocks} blocks and ${bytes} bytes were not given back`);
  }

  /** Asserts that all selected files have arrived. */
  #judgeComplete(): void {
    if (!this.#scenario.isToFunction) return this.#judge.judgeComplete(this.#lost);
    const [[name, { length }]] = this.#scenario.files;
    this.#judge.must(
      this.#arrivedBytes === length,
      () => `${this.#arrivedBytes} of ${name}'s ${length} bytes`,
    );
  }

  #noteMistake(event: TransferEvent): void {
    if (event.type === "answer_failed") this.#fail(new Error(`answer failed: ${event.reason}`));
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
  }

  #must(isSo: boolean, what: string): void {
    if (!isSo) this.#fail(new Error(what));
    this.#throwFailure();
  }

  #throwFailure(): void {
    const failure = this.#judge.violation ?? this.#failure;
    if (failure !== null) throw failure;
  }
}
