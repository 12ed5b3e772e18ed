// One download, from its ticket to its folder or to standard output, over any number of fetches. It owns the record
// and its lock, the staged files, the consent, the state and the view. Terminal and page send it commands and render
// its updates. Commands run one at a time (command_queue.ts), each on the present state (download_states.ts): between
// a check and the action that it permits nothing is awaited.

import { type Clock, type Offer, PliError, slice, systemClock } from "../../engine/mod.ts";
import { Globs, type UnmatchedGlob } from "../globs.ts";
import { receivedEntry } from "../history_entries.ts";
import { nothingRemembered } from "../home_if_usable.ts";
import { titleOfEntry } from "../titles.ts";
import type { DownloadView, FilesPage } from "../views.ts";
import { CommandQueue } from "./command_queue.ts";
import type { DownloadContext, DownloadLease } from "./download_context.ts";
import { afterCommand, type DownloadCommand, type DownloadStateOrRemoved } from "./download_states.ts";
import {
  downloadAfter,
  type DownloadEvent,
  type DownloadModel,
  type FetchEnd,
  newDownload,
} from "./download_view.ts";
import { type DownloadTarget, isOfRoom } from "./open_download.ts";

export interface DownloadRequest {
  target: DownloadTarget;
  /** Writes the bytes of a download to standard output. */
  write?: (bytes: Uint8Array) => Promise<void>;
  /**
   * Whether a download whose record another process holds fails with `destination_busy`; otherwise it has no record.
   */
  isRecordRequired: boolean;
  /**
   * Whether an offer is accepted. `isConsented`: a command, or an earlier run, has consented to it. `unmatched`: the globs
   * of the target that match nothing in it.
   */
  decide: (offer: Offer, isConsented: boolean, unmatched: readonly UnmatchedGlob[]) => Promise<boolean>;
}

/**
 * What the user has consented to in advance: nothing, the content (hidden and replaced files), or also a lack of room
 * for it.
 */
export type GivenConsent = "none" | "content" | "all";

/** An event and the resulting view; or the removal, which is the last update. */
export type DownloadUpdate =
  | { type: "event"; event: DownloadEvent; view: DownloadView }
  | { type: "removed" };

export class DownloadTransfer {
  readonly #request: DownloadRequest;
  readonly #context: DownloadContext;
  /** Which files are to come; null for all. */
  readonly #only: Globs | null;
  readonly #clock: Pick<Clock, "nowMs" | "epochMs">;
  readonly #commands = new CommandQueue();
  readonly #observers = new Set<(update: DownloadUpdate) => void>();
  #model: DownloadModel;
  #isRemoved = false;
  #isClosed = false;
  #consent: GivenConsent = "none";
  #stop = new AbortController();
  /** Resolves to the outcome of the present or last fetch. */
  #fetching: Promise<FetchEnd> = Promise.resolve({ type: "stopped" });
  #offer: Offer | null = null;
  #doneBytesOf: ((index: number) => number) | null = null;
  #kept = { bytes: 0, isListed: true };

  /** `earlier` is the view of an earlier run. Throws InvalidGlob. */
  constructor(request: DownloadRequest, context: DownloadContext, earlier: Partial<DownloadView> = {}) {
    this.#request = request;
    this.#only = request.target.only.length === 0 ? null : new Globs(request.target.only);
    this.#context = context;
    this.#clock = context.clock ?? systemClock;
    const id = crypto.randomUUID();
    const startedAt = this.#clock.epochMs();
    this.#model = newDownload({ id, folder: request.target.folder, startedAt, ...earlier });
  }

  get id(): string {
    return this.view.id;
  }

  get view(): DownloadView {
    return this.#model.view;
  }

  get state(): DownloadStateOrRemoved {
    return this.#isRemoved ? "removed" : this.view.state;
  }

  get target(): DownloadTarget {
    return this.#request.target;
  }

  /** Received data since the last fetch, its folder, and whether a list of unfinished downloads contains it. */
  get kept(): { bytes: number; folder: string | null; isListed: boolean } {
    return { ...this.#kept, folder: this.view.folder };
  }

  /** Calls a listener with every update until the result is called. */
  observe(listener: (update: DownloadUpdate) => void): () => void {
    this.#observers.add(listener);
    return () => this.#observers.delete(listener);
  }

  /**
   * Begins or continues, with consent for this and later fetches; that to a lack of room is for this one. Resolves when
   * a fetch runs; to false if the state does not permit it.
   */
  resume(consent: GivenConsent = "none"): Promise<boolean> {
    return this.#command("resume", () => {
      const isGiven = this.#consent !== "none" && consent === "none";
      this.#consent = isGiven ? "content" : consent;
      this.#stop = new AbortController();
      this.#apply({ type: "begun" });
      this.#fetching = this.#fetch(this.#stop.signal);
    });
  }

  /** Ends the fetch and keeps the received data. */
  pause(): Promise<boolean> {
    return this.#command("pause", () => this.#stopped());
  }

  /** Ends the fetch and removes the received data and the record. Throws `destination_busy`, `disk_*`, `home_*`. */
  discard(): Promise<boolean> {
    return this.#command("discard", async () => {
      await this.#stopped();
      // The fetch may have completed meanwhile.
      if (afterCommand(this.state, "discard") === null) return false;
      const { folder } = this.view;
      if (folder !== null) {
        using record = await this.#openRecord({ ...this.target, folder }, true);
        const { ticket } = this.target;
        await (await this.#context.engine()).discard({ ticket, folder });
        await record.discarded();
      }
      this.#removed();
    });
  }

  /** Removes a download that has ended. Its files stay. */
  remove(): Promise<boolean> {
    return this.#command("remove", () => this.#removed());
  }

  /** Removes a download whose record another process has removed. Rejects as `isRecorded` does. */
  lose(isRecorded: () => Promise<boolean>): Promise<boolean> {
    return this.#command("lose", async () => {
      if (await isRecorded()) return false;
      this.#removed();
    });
  }

  /** Resolves to the outcome of the present or last fetch. */
  ended(): Promise<FetchEnd> {
    return this.#fetching;
  }

  /** Ends the fetch and accepts no further command. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stop.abort();
    await this.#commands.run(() => this.#fetching);
  }

  /** A page of the offer's files, with the progress of each. */
  filesPage(from: number, count: number): FilesPage {
    const files = this.#offer?.files ?? [];
    const isDone = this.view.state === "done";
    return {
      files: slice(files, from, from + count).map((file, at) => {
        const doneBytes = isDone ? file.bytes : this.#doneBytesOf?.(from + at);
        return { ...file, ...(doneBytes !== undefined && { doneBytes }) };
      }),
      total: files.length,
    };
  }

  /** Queues a command. Resolves to whether it had an effect. */
  #command(
    command: DownloadCommand,
    work: () => void | false | Promise<void | false>,
  ): Promise<boolean> {
    return this.#commands.run(async () => {
      if (this.#isClosed || afterCommand(this.state, command) === null) return false;
      return await work() !== false;
    });
  }

  async #stopped(): Promise<void> {
    this.#stop.abort();
    await this.#fetching;
  }

  /** Runs one fetch. Resolves after its outcome is shown; never rejects. */
  async #fetch(signal: AbortSignal): Promise<FetchEnd> {
    let isOver = false;
    const report = (event: DownloadEvent) => {
      if (!isOver) this.#apply(event);
    };
    const end = await this.#attempt(signal, report).catch((error): FetchEnd =>
      signal.aborted ? { type: "stopped" } : { type: "broken", error, keptBytes: this.#kept.bytes }
    );
    isOver = true;
    this.#apply(end);
    return end;
  }

  async #attempt(signal: AbortSignal, report: (event: DownloadEvent) => void): Promise<FetchEnd> {
    const { target, decide, isRecordRequired } = this.#request;
    const { notify, engine, network, record: note } = this.#context;
    this.#kept = { bytes: 0, isListed: true };
    using record = await this.#openRecord(target, isRecordRequired);
    this.#kept = { bytes: record.receivedBytes, isListed: record.hasRecord };
    let ticketFiles = 0;
    try {
      const transfers = await engine();
      if (signal.aborted) throw new PliError("cancelled", {});
      const fetched = await transfers.fetch({
        ticket: target.ticket,
        destination: this.#destination(),
        ...(this.#only !== null && { only: this.#only.matches }),
        decide: async (offer) => {
          const hasRoom = this.#consent === "all" || !offer.consents.some(isOfRoom);
          const isConsented = hasRoom && (this.#consent !== "none" || await record.hasConsent(offer));
          if (!await decide(offer, isConsented, this.#only?.unmatched() ?? [])) return false;
          this.#offer = offer;
          report({ type: "accepted", offer });
          await record.accepted(offer).catch((error) => {
            notify(nothingRemembered(error));
            this.#kept.isListed = false;
          });
          return true;
        },
        onBegun: (doneBytesOf, reusableBytes) => {
          this.#doneBytesOf = doneBytesOf;
          record.begun(reusableBytes);
        },
        secretKey: record.secretKey,
        ...network(),
        onEvent: (event) => {
          if (event.type === "manifest") ticketFiles = event.files.length;
          record.follow(event);
          report(event);
        },
        signal,
      });
      await record.ended(fetched).catch((error) => notify(nothingRemembered(error)));
      this.#kept.bytes = 0;
      const { folder } = this.view;
      const title = titleOfEntry(this.view);
      const notChosen = Math.max(0, ticketFiles - (this.#offer?.files.length ?? ticketFiles));
      await note(receivedEntry({ title, folder, notChosen }, fetched, this.#clock.epochMs()));
      return { type: "fetched", fetched, isListed: this.#kept.isListed };
    } catch (error) {
      // An error of storing the progress is less important than the one that ended the fetch.
      await record.interrupted(error).catch(() => {});
      this.#kept.bytes = record.receivedBytes;
      throw error;
    }
  }

  #destination() {
    const { target: { folder, name, existing }, write } = this.#request;
    if (folder === null) return { kind: "bytes", write: write! } as const;
    return { kind: "folder", folder, existing, ...(typeof name === "string" && { name }) } as const;
  }

  /** Opens the record once no preview holds it. Throws `destination_busy` if another process holds a required one. */
  async #openRecord(target: DownloadTarget, isRequired: boolean): Promise<DownloadLease> {
    using _ = await this.#context.reserve?.(target.ticket);
    const record = await this.#context.openRecord(target);
    if (record.hasRecord || !isRequired) return record;
    record[Symbol.dispose]();
    throw new PliError("destination_busy", { path: target.folder ?? "" });
  }

  #apply(event: DownloadEvent): void {
    this.#model = downloadAfter(this.#model, event, this.#clock.nowMs());
    this.#notify({ type: "event", event, view: this.view });
  }

  #removed(): void {
    this.#isRemoved = true;
    this.#notify({ type: "removed" });
  }

  #notify(update: DownloadUpdate): void {
    for (const observe of this.#observers) observe(update);
  }
}
