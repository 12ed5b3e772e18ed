// A share over an engine that drawn commands control, with all tasks ordered by fast-check's scheduler. The tests of the
// state machine draw its runs, and replay them to compare terminal, page and JSON lines.

import assert from "node:assert/strict";
import fc from "fast-check";
import { AppError } from "../../../src/app/errors.ts";
import { failureOf } from "../../../src/app/failure_view.ts";
import type { NewEntry } from "../../../src/app/history.ts";
import type { Home } from "../../../src/app/home.ts";
import type { ShareIdentity } from "../../../src/app/shares.ts";
import type { StoredHashes } from "../../../src/app/hash_cache.ts";
import { isShareOver, SHARE_STATES } from "../../../src/app/transfers/share_states.ts";
import { type ShareChange, ShareTransfer } from "../../../src/app/transfers/share_transfer.ts";
import {
  type EventOf,
  PliError,
  type Share,
  type ShareEnd,
  type ShareOptions,
  type TransferEvent,
} from "../../../src/engine/mod.ts";

export const TOTAL_BYTES = 4_000_000;
export const TOTAL_FILES = 4;
/** How much time passes before each input: more than between figures that are drawn or printed. */
const STEP_MS = 400;
/** Several at a time, each of which may return. */
const RECEIVERS = ["0a".repeat(32), "0b".repeat(32), "0c".repeat(32)];
const NAMES = ["a.txt", "b.txt", "c.txt", "d.txt"];

/** The kind of a share, and which access to pli's data fails. */
export interface ShareSetup {
  keep: boolean;
  /** Copies in pli's own folder: of standard input, or of an upload, which a later process can share again. */
  staged: null | "input" | "upload";
  fails: null | "resuming" | "storing" | "deleting";
}

export const SHARE_SETUP: fc.Arbitrary<ShareSetup> = fc.record({
  keep: fc.boolean(),
  staged: fc.option(fc.constantFrom("input", "upload")),
  fails: fc.option(fc.constantFrom("resuming", "storing", "deleting"), { freq: 6 }),
});

type Command = fc.AsyncCommand<object, ShareRun>;

/** A named command, which has no effect where the engine could not do it. */
function command(name: string, run: (share: ShareRun) => void): Command {
  return {
    check: () => true,
    run: (_model, share) => {
      run(share);
      return Promise.resolve();
    },
    toString: () => name,
  };
}

const RECEIVER = fc.nat(RECEIVERS.length - 1);
const RECEIVER_ID = RECEIVER.map((who) => RECEIVERS[who]);
/** The events of a share that is served; null where a command below draws it, or where it is one of a download. */
const EVENTS: { readonly [T in TransferEvent["type"]]: fc.Arbitrary<EventOf<T>> | null } = {
  receiver: fc.record({
    type: fc.constant("receiver"),
    id: RECEIVER_ID,
    state: fc.constantFrom("connected", "receiving", "gone"),
  }),
  claimed: fc.record({ type: fc.constant("claimed"), id: RECEIVER_ID, isPli: fc.boolean() }),
  progress: fc.record({
    type: fc.constant("progress"),
    id: RECEIVER_ID,
    bytes: fc.nat(TOTAL_BYTES),
    files: fc.nat(TOTAL_FILES),
    total: fc.constant(TOTAL_BYTES),
  }),
  stalled: fc.record({
    type: fc.constant("stalled"),
    id: RECEIVER_ID,
    seconds: fc.integer({ min: 2, max: 90 }),
  }),
  path: fc.record({
    type: fc.constant("path"),
    id: RECEIVER_ID,
    kind: fc.constant("direct"),
    address: fc.constant("192.0.2.7:4433"),
    rttMs: fc.constant(12),
  }),
  refused: fc.record({
    type: fc.constant("refused"),
    id: RECEIVER_ID,
    reason: fc.constant("held"),
    holder: fc.constant(RECEIVERS[0]),
  }),
  source_changed: fc.record({ type: fc.constant("source_changed"), name: fc.constantFrom(...NAMES) }),
  all_lost: fc.constant({ type: "all_lost" }),
  answer_failed: fc.record({
    type: fc.constant("answer_failed"),
    id: RECEIVER_ID,
    reason: fc.constant("Error: a defect"),
  }),
  waiting: fc.constant({ type: "waiting", reason: "relay" }),
  hashing: null,
  skipped: null,
  ticket: null,
  delivered: null,
  sent: null,
  manifest: null,
  checking: null,
  space_short: null,
  inodes_short: null,
  volume_crossed: null,
  staging_refused: null,
  addresses_cut: null,
  renamed: null,
  source_lost: null,
  done: null,
};
const EVENT: fc.Arbitrary<TransferEvent> = fc.oneof(
  ...Object.values(EVENTS).filter((arbitrary) => arbitrary !== null),
);

const STOP = command("stop", (share) => share.stop());
const CLOSE = command("close", (share) => share.close());

const COMMANDS: fc.Arbitrary<Command>[] = [
  fc.constantFrom(
    STOP,
    CLOSE,
    command("close twice", (share) => (share.close(), share.close())),
    command("stop twice", (share) => (share.stop(), share.stop())),
    command("fail to hash", (share) => share.failToHash()),
  ),
  fc.nat(TOTAL_BYTES).map((bytes) =>
    command(`hash ${bytes}`, (share) => {
      share.hashing({ type: "hashing", bytes, total: TOTAL_BYTES, files: TOTAL_FILES });
    })
  ),
  fc.constantFrom(...NAMES).map((name) =>
    command(`skip ${name}`, (share) => share.hashing({ type: "skipped", name, reason: "unreadable" }))
  ),
  // More often than the commands that end it before.
  ...Array.from({ length: 4 }, () => fc.constant(command("make the ticket", (share) => share.makeTicket()))),
  ...Array.from(
    { length: 3 },
    () => EVENT.map((event) => command(JSON.stringify(event), (share) => share.serving(event))),
  ),
  fc.tuple(RECEIVER, fc.oneof(fc.constant([]), fc.subarray(NAMES)), fc.boolean()).map(([who, lost, isEnd]) =>
    command(`deliver to ${who} without ${lost}`, (share) => share.deliver(RECEIVERS[who], lost, isEnd))
  ),
  fc.constantFrom("sent" as const, "spoiled" as const).map((end) =>
    command(`end as ${end}`, (share) => share.end(end))
  ),
];

const SECOND = fc.oneof({ weight: 1, arbitrary: fc.constant(STOP) }, {
  weight: 1,
  arbitrary: fc.oneof(...COMMANDS),
});

/** Commands of the user, and events of the engine; also two of them in one turn. */
export const SHARE_COMMANDS: fc.Arbitrary<Command>[] = [
  ...COMMANDS,
  fc.tuple(fc.oneof(...COMMANDS), SECOND).map(([first, second]) => ({
    check: () => true,
    run: async (model, share) => void await Promise.all([first.run(model, share), second.run(model, share)]),
    toString: () => `${first} and ${second}`,
  })),
];

export class ShareRun {
  nowMs = 0;
  readonly transfer: ShareTransfer;
  readonly changes: ShareChange[] = [];
  readonly entries: NewEntry[] = [];
  /** The names of the resources that are held. */
  readonly held: string[] = [];
  readonly log: string[] = [];
  readonly #scheduler: fc.Scheduler;
  readonly #setup: ShareSetup;
  readonly #observe: (change: ShareChange) => void;
  readonly #ended = Promise.withResolvers<ShareEnd>();
  #hashing: { options: ShareOptions; made: PromiseWithResolvers<Share> } | null = null;
  #serving: ShareOptions | null = null;
  /** Whether the end of the process ended the share. */
  #isClosed = false;
  /** The results of stops, each of which asserts that no resource is held. */
  readonly #stops: Promise<void>[] = [];

  constructor(scheduler: fc.Scheduler, setup: ShareSetup, observe: (change: ShareChange) => void = () => {}) {
    this.#scheduler = scheduler;
    this.#setup = setup;
    this.#observe = observe;
    const notify = () => void this.log.push("notice");
    const remove = () => this.#later("remove staged", () => void this.log.push("staged removed"));
    const leave = () => void this.log.push("staged left");
    this.transfer = new ShareTransfer(
      {
        id: "share",
        paths: ["/home/ada/a.txt"],
        keep: setup.keep,
        staged: setup.staged && { skipped: [], remove, ...(setup.staged === "upload" && { leave }) },
        options: { ticketKind: "auto", relay: "disabled" },
      },
      {
        home: { notify } as unknown as Home,
        engine: () => this.#later("load engine", () => ({ share: (options) => this.#share(options) })),
        record: (entry) => void this.entries.push(entry),
        openShare: () => this.#resumeShare(),
        openHashes: () => this.#later("open hashes", () => this.#holding("hashes") as StoredHashes),
        clock: { nowMs: () => this.nowMs += STEP_MS, epochMs: () => this.nowMs },
      },
      (change) => this.#changed(change),
    );
  }

  /** The command of the user. When it resolves no resource may be held. */
  stop(): void {
    this.#stops.push(this.transfer.stop().then(() => assert.deepEqual(this.held, [])));
  }

  /** The end of the process. */
  close(): void {
    this.#isClosed ||= !isShareOver(this.transfer.view.state);
    this.#stops.push(this.transfer.close().then(() => assert.deepEqual(this.held, [])));
  }

  /** An event before the ticket. */
  hashing(event: TransferEvent): void {
    this.#hashing?.options.onEvent(event);
  }

  /** An event while the share is served. */
  serving(event: TransferEvent): void {
    this.#serving?.onEvent(event);
  }

  makeTicket(): void {
    if (this.#hashing === null) return;
    const { options, made } = this.#hashing;
    this.#hashing = null;
    this.held.push("endpoint");
    this.#serving = options;
    const amounts = { files: TOTAL_FILES, bytes: TOTAL_BYTES };
    const reach = { relayReached: false, relayMissed: false, relayUrl: null, addresses: ["192.0.2.1:4433"] };
    options.onEvent({ type: "ticket", ticket: "blobticket", hash: "09".repeat(32), ...amounts, ...reach });
    made.resolve({
      ticket: "blobticket",
      hash: new Uint8Array(32).fill(9),
      ...amounts,
      sockets: [],
      ended: this.#ended.promise,
      close: () =>
        this.#later("close endpoint", () => {
          this.#serving = null;
          this.#release("endpoint");
        }),
    });
  }

  failToHash(): void {
    this.#hashing?.made.reject(new PliError("source_denied", { path: "/home/ada/a.txt" }));
    this.#hashing = null;
  }

  deliver(id: string, lost: readonly string[], isEnd: boolean): void {
    if (this.#serving === null) return;
    const amounts = { files: TOTAL_FILES - lost.length, bytes: TOTAL_BYTES };
    this.serving({ type: "delivered", id, ...amounts, ...(lost.length > 0 && { lost }) });
    if (isEnd && !this.#setup.keep) this.#ended.resolve(lost.length > 0 ? "partial" : "delivered");
  }

  end(end: "sent" | "spoiled"): void {
    if (this.#serving === null || this.#setup.keep) return;
    if (end === "sent") this.serving({ type: "sent" });
    this.#ended.resolve(end);
  }

  /** Stops what still runs, and checks what must hold at the end of every run. */
  async finish(): Promise<void> {
    this.stop();
    await this.#scheduler.waitFor(Promise.all(this.#stops));
    const { view, error } = this.transfer;
    const { fails, staged } = this.#setup;
    assert.ok(isShareOver(view.state), view.state);
    assert.deepEqual(this.held, []);
    const isLeft = staged === "upload" && this.#isClosed;
    const ends = this.log.filter((entry) => entry.startsWith("staged"));
    assert.deepEqual(ends, staged === null ? [] : [isLeft ? "staged left" : "staged removed"]);
    const isDone = view.state === "delivered" || view.state === "sent";
    const isForgotten = isDone || (staged === "upload" && !isLeft && fails !== "resuming");
    assert.equal(
      this.log.includes("record forgotten"),
      isForgotten && fails !== "deleting" && staged !== "input",
    );
    const isFaulty = view.state === "failed" || (isDone && fails === "deleting" && staged !== "input");
    assert.equal(error !== undefined, isFaulty);
    assert.equal(view.failure !== null, view.state === "failed");
    if (view.failure !== null) assert.deepEqual(view.failure, failureOf(error));
    const isTaken = this.changes.some(({ input }) => input.type === "delivered" || input.type === "sent");
    assert.equal(this.entries.length, isTaken ? 1 : 0);
  }

  #changed(change: ShareChange): void {
    const { before, view } = change;
    assert.equal(before, this.changes.at(-1)?.view ?? before, "no change is missed");
    if (before.state !== view.state) {
      const next: readonly string[] = Object.values(SHARE_STATES[before.state]);
      assert.ok(next.includes(view.state), `${before.state} -> ${view.state}`);
    }
    if (view.state === "serving" || view.ticket !== null) {
      assert.ok(
        this.log.includes("ticket remembered") || this.#setup.staged === "input",
        "a ticket is stored first",
      );
    }
    assert.ok(view.lost.count >= before.lost.count && view.missing >= before.missing);
    for (const receiver of view.receivers) {
      const earlier = before.receivers.find(({ id }) => id === receiver.id);
      if (earlier === undefined || earlier.hasAll) continue;
      assert.ok(receiver.bytes >= earlier.bytes && receiver.files >= earlier.files, "no figure falls");
    }
    this.changes.push(change);
    this.#observe(change);
  }

  #resumeShare(): Promise<ShareIdentity> {
    return this.#later("take up", () => {
      if (this.#setup.fails === "resuming") throw new PliError("path_missing", { path: "/home/ada/a.txt" });
      const fault = new AppError("home_denied", { path: "/home/ada/.pli" });
      return Object.assign(this.#holding("record"), {
        sockets: [],
        secretKey: new Uint8Array(32),
        earlierHolder: null,
        claimed: () => {},
        ticketMade: () =>
          this.#later("remember", () => {
            this.log.push("ticket remembered");
            if (this.#setup.fails === "storing") throw fault;
          }),
        finished: () =>
          this.#later("forget", () => {
            if (this.#setup.fails === "deleting") throw fault;
            this.log.push("record forgotten");
          }),
        settled: () => this.#later("settle", () => {}),
      }) as unknown as ShareIdentity;
    });
  }

  #share(options: ShareOptions): Promise<Share> {
    const made = Promise.withResolvers<Share>();
    this.#hashing = { options, made };
    const cancel = () => {
      if (this.#hashing === null) return;
      this.#hashing = null;
      this.#later("cancel", () => made.reject(new PliError("cancelled", {})));
    };
    assert.ok(!options.signal!.aborted, "nothing starts after it was stopped");
    options.signal!.addEventListener("abort", cancel);
    return made.promise;
  }

  /** A resource that is held until it is disposed, once. */
  #holding(what: string): Disposable {
    this.held.push(what);
    return { [Symbol.dispose]: () => this.#release(what) };
  }

  #release(what: string): void {
    const at = this.held.indexOf(what);
    assert.notEqual(at, -1, `${what} was released twice`);
    this.held.splice(at, 1);
  }

  /** A result at a time that the scheduler draws. */
  async #later<T>(label: string, result: () => T): Promise<T> {
    await this.#scheduler.schedule(Promise.resolve(), label);
    return result();
  }
}
