// Downloads and previews over an engine and records in memory, with the order of all tasks drawn by a scheduler of
// fast-check; commands in any order, of which some overlap; and the invariants after each.

import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type EventOf,
  type Fetched,
  type FetchOptions,
  formatTicket,
  type InspectOptions,
  type Offer,
  PliError,
  type Ticket,
  type TransferEvent,
} from "../../../src/engine/mod.ts";
import type { DownloadContext, DownloadLease } from "../../../src/app/transfers/download_context.ts";
import {
  afterCommand,
  type DownloadCommand,
  type DownloadStateOrRemoved,
  isFetching,
} from "../../../src/app/transfers/download_states.ts";
import { DownloadTransfer, type DownloadUpdate } from "../../../src/app/transfers/download_transfer.ts";
import { Previews } from "../../../src/app/transfers/previews.ts";

const TICKETS = [1, 2].map((byte): Ticket => ({
  endpointId: new Uint8Array(32).fill(7),
  relayUrl: null,
  addresses: ["127.0.0.1:9"],
  format: "hash_sequence",
  hash: new Uint8Array(32).fill(byte),
}));
export const FILES = 20;
export const TOTAL_BYTES = 3_000_000;
const OFFER: Offer = {
  files: Array.from(
    { length: FILES },
    (_, at) => ({ name: `holiday/${at}.jpg`, bytes: TOTAL_BYTES / FILES }),
  ),
  bytes: TOTAL_BYTES,
  folders: 1,
  tops: 1,
  hiddenFiles: 0,
  consents: [],
};

/** How a fetch ends by itself. */
type OwnEnd = "done" | "partial" | "connection_lost" | "peer_refused";

const END_STATES = {
  done: "done",
  partial: "partial",
  connection_lost: "unfinished",
  // Each download of this model has kept bytes.
  peer_refused: "unfinished",
} as const;

interface Fetch {
  folder: string;
  isEnding: boolean;
  report: (event: TransferEvent) => void;
  end: (how: OwnEnd) => void;
}

/** The present state of the engine, the records and the disk. */
export class FakeOutside {
  readonly fetches = new Set<Fetch>();
  /** Tickets that are inspected. */
  readonly inspections = new Set<string>();
  /** Tickets whose records are held. */
  readonly held = new Set<string>();
  /** Folders with all of their files. */
  readonly complete = new Set<string>();
  /** Number of previews that were started after they had been cancelled. */
  startedCancelled = 0;
  readonly previews: Previews;
  readonly context: DownloadContext;
  nowMs = 0;

  constructor(readonly scheduler: fc.Scheduler) {
    const engine = {
      fetch: (options: FetchOptions) => this.#fetch(options),
      inspect: (options: InspectOptions) => this.#inspect(options),
      discard: ({ folder }: { folder: string }) => this.#discard(folder),
    };
    this.context = {
      engine: () => this.#later("engine", engine),
      openRecord: ({ ticket }) => this.#openRecord(formatTicket(ticket)),
      network: () => ({ relay: "disabled" }),
      reserve: (ticket) => this.previews.reserve(ticket),
      notify: () => {},
      record: () => {},
      clock: { nowMs: () => this.nowMs += 40, epochMs: () => 0 },
    };
    this.previews = new Previews(this.context);
  }

  #later<T>(label: string, value: T): Promise<T> {
    return this.scheduler.schedule(Promise.resolve(value), label);
  }

  async #openRecord(key: string): Promise<DownloadLease> {
    await this.#later("open record", null);
    const hasRecord = !this.held.has(key);
    if (hasRecord) this.held.add(key);
    const write = () => this.#later("write record", undefined);
    return {
      secretKey: new Uint8Array(32),
      hasRecord,
      receivedBytes: 1,
      begun: () => {},
      hasConsent: () => Promise.resolve(false),
      accepted: write,
      follow: () => {},
      interrupted: write,
      ended: write,
      discarded: write,
      [Symbol.dispose]: () => void (hasRecord && this.held.delete(key)),
    };
  }

  async #fetch({ destination, decide, onEvent, signal }: FetchOptions): Promise<Fetched> {
    assert.ok(destination.kind === "folder");
    const { folder } = destination;
    assert.ok([...this.fetches].every((fetch) => fetch.folder !== folder), "two fetches of one download");
    const { promise, resolve } = Promise.withResolvers<OwnEnd | "cancelled">();
    const end = (how: OwnEnd | "cancelled") => {
      fetch.isEnding = true;
      resolve(how);
    };
    const fetch = { folder, isEnding: false, report: onEvent, end };
    this.fetches.add(fetch);
    signal!.addEventListener("abort", () => end("cancelled"));
    await this.#later("manifest", null);
    if (!signal!.aborted) await decide(OFFER);
    const how = await promise;
    await this.#later("fetch ends", null);
    this.fetches.delete(fetch);
    if (how === "done") this.complete.add(folder);
    if (how === "done" || how === "partial") {
      const lost = how === "partial" ? [{ name: "holiday/0.jpg", bytes: 9 }] : [];
      const amounts = {
        files: FILES,
        bytes: TOTAL_BYTES,
        resumedBytes: 5,
        seconds: 3,
        lostFiles: lost.length,
      };
      onEvent({ type: "done", ...amounts, keptBytes: lost.length });
      return { ...amounts, keptBytes: lost.length, names: ["holiday"], lost };
    }
    throw how === "peer_refused"
      ? new PliError("peer_refused", { id: "" } as never)
      : new PliError(how as "cancelled", {});
  }

  async #inspect({ ticket, signal }: InspectOptions): Promise<Offer> {
    const key = formatTicket(ticket);
    if (signal!.aborted) {
      this.startedCancelled++;
      throw new PliError("cancelled", {});
    }
    this.inspections.add(key);
    await new Promise<void>((resolve) => signal!.addEventListener("abort", () => resolve(), { once: true }));
    await this.#later("inspection ends", null);
    this.inspections.delete(key);
    throw new PliError("cancelled", {});
  }

  async #discard(folder: string): Promise<void> {
    await this.#later("discard", null);
    assert.ok([...this.fetches].every((fetch) => fetch.folder !== folder), "discarded under a fetch");
    assert.ok(!this.complete.has(folder), "discarded what is complete");
  }
}

/** The transfers and previews of a run, and the list that a page shows. */
export class Real {
  readonly outside: FakeOutside;
  readonly transfers: DownloadTransfer[];
  readonly listed = new Set<DownloadTransfer>();
  readonly updates: DownloadUpdate[][];
  readonly issued: Promise<unknown>[] = [];
  readonly requested: { ticket: number; stop: AbortController; isOver: boolean }[] = [];

  constructor(scheduler: fc.Scheduler, earlier: "unfinished" | "failed" = "unfinished") {
    const outside = this.outside = new FakeOutside(scheduler);
    this.transfers = TICKETS.map((ticket, at) => {
      const folder = `/downloads/${at}`;
      const target = { ticket, folder, existing: "merge" as const, only: [] };
      const decide = () => Promise.resolve(true);
      const request = { target, only: null, isRecordRequired: true, decide };
      return new DownloadTransfer(request, outside.context, { state: earlier });
    });
    this.updates = this.transfers.map(() => []);
    for (const [at, transfer] of this.transfers.entries()) {
      this.listed.add(transfer);
      let state: DownloadStateOrRemoved = transfer.state;
      let [doneBytes, filesDone] = [0, 0];
      transfer.observe((update) => {
        this.updates[at].push(update);
        if (update.type === "removed") this.listed.delete(transfer);
        assert.notEqual(state, "removed", "an update after the last one");
        const isAnew = state === "partial" || state === "failed";
        if (update.type === "event") {
          const { view } = update;
          assert.ok(isAnew || view.doneBytes >= doneBytes && view.filesDone >= filesDone, "a figure falls");
          assert.ok(view.doneBytes <= view.bytes, "more than the whole");
          ({ doneBytes, filesDone } = view);
        }
        state = transfer.state;
        const isUnderWay = this.fetchesOf(transfer).length > 0;
        assert.ok(!isUnderWay || isFetching(state), `${state} while a fetch runs`);
      });
    }
  }

  fetchesOf({ target }: DownloadTransfer): Fetch[] {
    return [...this.outside.fetches].filter(({ folder }) => folder === target.folder);
  }

  preview(ticket: number): void {
    const one = { ticket, stop: new AbortController(), isOver: false };
    this.requested.push(one);
    const inspection = this.outside.previews.ask(TICKETS[ticket], one.stop.signal);
    inspection.catch(() => {}).finally(() => one.isOver = true);
  }
}

export interface Model {
  /** Null after a fetch has ended beside commands: either may have been first. */
  states: (DownloadStateOrRemoved | null)[];
}

type Step = fc.AsyncCommand<Model, Real>;

/** Yields to other tasks, or not, before the next command. */
function yielded({ outside: { scheduler } }: Real, step: Step): Promise<void> {
  return scheduler.schedule(Promise.resolve(), String(step));
}

/** Issues a command without awaiting those before it. */
class Issue implements Step {
  constructor(readonly at: number, readonly command: DownloadCommand) {}

  check = () => true;

  run(model: Model, real: Real): Promise<void> {
    real.issued.push(this.#issue(real));
    const state = model.states[this.at];
    if (state !== null) model.states[this.at] = afterCommand(state, this.command) ?? state;
    return yielded(real, this);
  }

  #issue({ transfers, outside: { scheduler } }: Real): Promise<boolean> {
    const transfer = transfers[this.at];
    if (this.command !== "lose") return transfer[this.command]();
    return transfer.lose(() => scheduler.schedule(Promise.resolve(false), "read record"));
  }

  toString = () => `${this.command}(${this.at})`;
}

class Preview implements Step {
  constructor(readonly ticket: number) {}

  check = () => true;

  run(_: Model, real: Real): Promise<void> {
    real.preview(this.ticket);
    return yielded(real, this);
  }

  toString = () => `preview(${this.ticket})`;
}

/** The page cancels a preview. */
class Cancel implements Step {
  constructor(readonly which: number) {}

  check = () => true;

  run(_: Model, real: Real): Promise<void> {
    real.requested.at(-1 - this.which)?.stop.abort();
    return yielded(real, this);
  }

  toString = () => `cancel(${this.which})`;
}

/** The engine reports events of every running fetch. */
class Report implements Step {
  constructor(readonly events: readonly TransferEvent[]) {}

  check = () => true;

  run(_: Model, real: Real): Promise<void> {
    for (const { report } of real.outside.fetches) this.events.forEach(report);
    return yielded(real, this);
  }

  toString = () => `report(${JSON.stringify(this.events)})`;
}

/** Awaits all commands, and compares the state with the model. */
export class Settle implements Step {
  check = () => true;

  async run(model: Model, real: Real): Promise<void> {
    await settle(real);
    check(model, real);
  }

  toString = () => "settle";
}

/** A fetch ends by itself while commands run. */
class EndBeside implements Step {
  constructor(readonly at: number, readonly how: OwnEnd) {}

  check = () => true;

  run(model: Model, real: Real): Promise<void> {
    const [fetch] = real.fetchesOf(real.transfers[this.at]);
    fetch?.end(this.how);
    if (fetch !== undefined) model.states[this.at] = null;
    return yielded(real, this);
  }

  toString = () => `endBeside(${this.at}, ${this.how})`;
}

/** A fetch ends by itself while nothing else runs. */
class End implements Step {
  constructor(readonly at: number, readonly how: OwnEnd) {}

  check = ({ states }: Readonly<Model>) => states[this.at] !== null && isFetching(states[this.at]!);

  async run(model: Model, real: Real): Promise<void> {
    await settle(real);
    const [fetch] = real.fetchesOf(real.transfers[this.at]);
    fetch.end(this.how);
    await real.transfers[this.at].ended();
    model.states[this.at] = END_STATES[this.how];
    check(model, real);
  }

  toString = () => `end(${this.at}, ${this.how})`;
}

async function settle(real: Real): Promise<void> {
  await Promise.all(real.issued);
  const isSettled = () =>
    real.transfers.every((transfer) => {
      const [fetch] = real.fetchesOf(transfer);
      return fetch === undefined ? !isFetching(transfer.state) : !fetch.isEnding;
    }) &&
    real.requested.every(({ stop, isOver }) => !stop.signal.aborted || isOver);
  while (!isSettled()) await real.outside.scheduler.schedule(Promise.resolve(), "settle");
}

function check(model: Model, real: Real): void {
  const { outside, transfers, listed, requested } = real;
  for (const [at, transfer] of transfers.entries()) {
    const { state } = transfer;
    const expected = model.states[at] ??= state;
    const isUnderWay = isFetching(state);
    if (isUnderWay) assert.ok(isFetching(expected), `a fetch instead of ${expected}`);
    else assert.equal(state, expected);
    assert.equal(real.fetchesOf(transfer).length, isUnderWay ? 1 : 0, `fetches of ${state}`);
    assert.equal(listed.has(transfer), state !== "removed");
    const hasPreview = requested.some(({ ticket, isOver }) => ticket === at && !isOver);
    const isHeld = outside.held.has(formatTicket(transfer.target.ticket));
    assert.ok(!isHeld || isUnderWay || hasPreview, "a record is held without a fetch or a preview");
    assert.ok(isHeld || !isUnderWay, "a fetch without its record");
  }
}

const BYTES = fc.integer({ min: 0, max: TOTAL_BYTES });
/** The events of a fetch; null where the engine above reports it, or where it is one of a share. */
const EVENTS: { readonly [T in TransferEvent["type"]]: fc.Arbitrary<EventOf<T>> | null } = {
  progress: fc.record({
    type: fc.constant("progress"),
    bytes: BYTES,
    total: fc.constant(TOTAL_BYTES),
    files: fc.nat(FILES),
  }),
  waiting: fc.record({
    type: fc.constant("waiting"),
    reason: fc.constantFrom("connecting", "relay", "sender", "reconnecting"),
  }),
  stalled: fc.record({ type: fc.constant("stalled"), seconds: fc.integer({ min: 2, max: 99 }) }),
  checking: fc.record({ type: fc.constant("checking"), bytes: BYTES }),
  path: fc.record({
    type: fc.constant("path"),
    id: fc.constant("07".repeat(32)),
    kind: fc.constant("direct"),
    address: fc.constantFrom("203.0.113.7:9", "203.0.113.8:9"),
    rttMs: fc.nat(300),
  }),
  manifest: fc.constant({ type: "manifest", ...OFFER }),
  space_short: fc.record({ type: fc.constant("space_short"), neededBytes: BYTES, freeBytes: BYTES }),
  inodes_short: fc.record({ type: fc.constant("inodes_short"), needed: fc.nat(FILES), free: fc.nat(FILES) }),
  volume_crossed: fc.constant({ type: "volume_crossed", path: "holiday" }),
  staging_refused: fc.record({
    type: fc.constant("staging_refused"),
    path: fc.constant("/downloads/.pli-0"),
    reason: fc.constantFrom("not_folder", "other_owner", "open_to_others"),
  }),
  addresses_cut: fc.constant({ type: "addresses_cut", count: 40, tried: 16 }),
  renamed: fc.constant({ type: "renamed", from: "a", to: "a (1)", reason: "exists" }),
  skipped: fc.record({
    type: fc.constant("skipped"),
    name: fc.constant("b"),
    reason: fc.constantFrom("already_there", "kept_existing"),
  }),
  source_lost: fc.record({
    type: fc.constant("source_lost"),
    name: fc.constantFrom("holiday/0.jpg", "holiday/1.jpg"),
  }),
  done: null,
  hashing: null,
  ticket: null,
  receiver: null,
  claimed: null,
  refused: null,
  source_changed: null,
  all_lost: null,
  answer_failed: null,
  sent: null,
  delivered: null,
};
const EVENT: fc.Arbitrary<TransferEvent> = fc.oneof(
  { weight: 4, arbitrary: EVENTS.progress! },
  ...Object.values(EVENTS).filter((arbitrary) => arbitrary !== null),
);

const AT = fc.nat(TICKETS.length - 1);

/** Traces of the whole state machine: commands that overlap, previews, reports and ends. */
export const TRACE = fc.commands<Model, Real, false>([
  fc.tuple(AT, fc.constantFrom<DownloadCommand>("resume", "pause", "discard", "remove", "lose"))
    .map(([at, command]) => new Issue(at, command)),
  AT.map((at) => new Issue(at, "resume")),
  AT.map((ticket) => new Preview(ticket)),
  fc.nat(3).map((which) => new Cancel(which)),
  fc.array(EVENT, { minLength: 1, maxLength: 6 }).map((events) => new Report(events)),
  fc.constant(new Settle()),
  fc.tuple(AT, fc.constantFrom<OwnEnd>("done", "partial", "connection_lost", "peer_refused"))
    .map(([at, how]) => new End(at, how)),
  fc.tuple(AT, fc.constantFrom<OwnEnd>("done", "connection_lost")).map(([at, how]) => new EndBeside(at, how)),
], { maxCommands: 40, size: "max" });

/** Runs a trace, and ends what it has left. Resolves to the run. */
export async function runTrace(scheduler: fc.Scheduler, trace: Iterable<Step>): Promise<Real> {
  const real = new Real(scheduler);
  const model: Model = { states: real.transfers.map(({ state }) => state) };
  const running = async () => {
    await fc.asyncModelRun(() => ({ model, real }), trace);
    await settle(real);
    check(model, real);
    for (const { stop } of real.requested) stop.abort();
    await Promise.all(real.transfers.map((transfer) => transfer.close()));
    await settle(real);
  };
  await scheduler.waitFor(running());
  const { fetches, inspections, held, previews, startedCancelled } = real.outside;
  assert.deepEqual([fetches.size, inspections.size, held.size, previews.count, startedCancelled], [
    0,
    0,
    0,
    0,
    0,
  ]);
  return real;
}
