// The transfers of a page's process: its shares, downloads and previews, and the commands of the user. The next process
// serves unfinished shares again, and lists unfinished downloads. Subscribers get every change; nothing here prints.

import { formatTicket, type Offer, PliError, type Ticket } from "../../engine/mod.ts";
import { PageShares } from "./page_shares.ts";
import { globOfName } from "../globs.ts";
import type { History, NewEntry } from "../history.ts";
import type { TransferContext } from "./context.ts";
import type { DownloadContext } from "./download_context.ts";
import { DownloadTransfer } from "./download_transfer.ts";
import { type DownloadTarget, openDownload } from "./open_download.ts";
import { Previews } from "./previews.ts";
import { afterCommand } from "./download_states.ts";
import { isShareOver } from "./share_states.ts";
import { type ShareChange, ShareTransfer } from "./share_transfer.ts";
import { isRecorded, listDownloads } from "./unfinished_downloads.ts";
import type { StagedFiles } from "../uploads.ts";
import type { DownloadView, FilesPage, ShareView } from "../views.ts";

/** Interval at which the records of downloads are read, because another process may remove them. */
const RECORDS_MS = 2_000;

export type TransferChange =
  | { type: "share"; share: ShareView }
  | { type: "download"; download: DownloadView }
  | { type: "removed"; id: string }
  | { type: "history" };

export interface NewDownload {
  ticket: Ticket;
  folder: string;
  existing: DownloadTarget["existing"];
  /** The chosen names; null for all. */
  only: readonly string[] | null;
  consents: boolean;
}

/** The offer of a ticket, and whether a download of it was begun before. */
export interface Previewed {
  offer: Offer;
  unfinishedId: string | null;
}

type StagedShare = Pick<StagedFiles, "id" | "skipped" | "remove" | "leave">;

export class TransferList implements AsyncDisposable {
  readonly #context: TransferContext;
  readonly #history: History;
  readonly #pageShares: PageShares;
  readonly #downloadContext: DownloadContext;
  readonly #previews: Previews;
  readonly #shares = new Map<string, ShareTransfer>();
  readonly #downloads = new Map<string, DownloadTransfer>();
  readonly #listeners = new Set<(change: TransferChange) => void>();
  /** Ids of downloads with received data whose record was found. */
  readonly #recorded = new Set<string>();
  #stopTimer: () => void = () => {};
  #reading: Promise<void> = Promise.resolve();
  #isClosing = false;

  private constructor(context: TransferContext, history: History, pageShares: PageShares) {
    this.#context = context;
    this.#history = history;
    this.#pageShares = pageShares;
    this.#downloadContext = {
      engine: context.engine,
      openRecord: (target) => openDownload(context.home, target, null),
      network: () => ({ relay: context.relay(), limit: context.limits.receiving }),
      reserve: (ticket) => this.#previews.reserve(ticket),
      notify: context.home.notify,
      clock: context.home.clock,
      record: (entry) => this.#record(entry),
    };
    this.#previews = new Previews(this.#downloadContext);
  }

  /** Opens the list and serves the shares of an earlier process again. Throws `home_*`. */
  static async open(context: TransferContext, history: History): Promise<TransferList> {
    const list = new TransferList(context, history, new PageShares(context.home));
    for (const download of await listDownloads(context.home)) {
      if (download.isRunning) continue;
      const { id } = list.#addDownload(download, {
        title: download.title,
        otherNames: download.otherNames,
        files: download.files,
        bytes: download.bytes,
        doneBytes: download.receivedBytes,
        lost: { count: download.lostFiles, names: download.lostNames, keptBytes: download.receivedBytes },
        startedAt: download.startedAtMs,
      });
      list.#recorded.add(id);
    }
    // Not stored one by one: a process that is killed meanwhile would lose the rest.
    for (const { paths, keep } of await list.#pageShares.read()) list.#serve(paths, keep, null);
    list.#startTimer();
    return list;
  }

  get shares(): ShareView[] {
    return [...this.#shares.values()].map(({ view }) => view);
  }

  get downloads(): DownloadView[] {
    return [...this.#downloads.values()].map(({ view }) => view);
  }

  /** Calls a listener with every change until the returned function is called. */
  subscribe(listener: (change: TransferChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  // --- shares ------------------------------------------------------------------------------------------

  /** Begins a share of absolute paths, whose changes are reported. `staged` files are removed when it ends. */
  startShare(
    paths: readonly string[],
    keep: boolean,
    staged: StagedShare | null = null,
  ): string {
    const id = this.#serve(paths, keep, staged);
    this.#storePageShares();
    return id;
  }

  /** Stops serving a share. */
  async stopShare(id: string): Promise<void> {
    await found(this.#shares, id).stop();
  }

  // --- downloads ---------------------------------------------------------------------------------------

  /** Requests the offer of a ticket, until `signal` is aborted. Throws what `Previews.ask` throws. */
  async preview(ticket: Ticket, signal?: AbortSignal): Promise<Previewed> {
    const offer = await this.#previews.ask(ticket, signal);
    const key = formatTicket(ticket);
    const unfinished = [...this.#downloads.values()].find(({ target, state }) => {
      return state !== "done" && formatTicket(target.ticket) === key;
    });
    return { offer, unfinishedId: unfinished?.id ?? null };
  }

  /** Begins a download, whose changes are reported. */
  startDownload({ only, consents, ...target }: NewDownload): string {
    const download = this.#addDownload({ ...target, only: (only ?? []).map(globOfName) });
    void download.resume(consents ? "content" : "none");
    return download.id;
  }

  /** Ends the fetch of a download and keeps the received data. */
  async pauseDownload(id: string): Promise<void> {
    await found(this.#downloads, id).pause();
  }

  /** Continues a download. Does nothing if it runs, or if another process has completed or discarded it. */
  async resumeDownload(id: string, consents = false): Promise<void> {
    const download = found(this.#downloads, id);
    // An error of the records is reported by the download.
    await this.#followRecord(download).catch(() => {});
    await download.resume(consents ? "all" : "none");
  }

  /** Ends a download and removes the received data. Throws `destination_busy`, `disk_*`, `home_*`. */
  async discardDownload(id: string): Promise<void> {
    await found(this.#downloads, id).discard();
  }

  /** A page of a download's files, with the progress of each. */
  filesOf(id: string, from: number, count: number): FilesPage {
    return found(this.#downloads, id).filesPage(from, count);
  }

  /** Removes a transfer that has ended from the list, once its resources are released. False if it has not ended. */
  async forget(id: string): Promise<boolean> {
    const share = this.#shares.get(id);
    if (share === undefined) return await found(this.#downloads, id).remove();
    if (!isShareOver(share.view.state)) return false;
    await share.closed;
    this.#drop(this.#shares, id);
    return true;
  }

  /** Stops everything. The next process serves unfinished shares again, and lists unfinished downloads. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosing = true;
    this.#stopTimer();
    await this.#reading;
    const shares = [...this.#shares.values()].map((share) => share.close());
    const downloads = [...this.#downloads.values()].map((download) => download.close());
    await Promise.all([...shares, ...downloads, this.#previews.end()]);
    await this.#pageShares.settled();
  }

  // --- inside ------------------------------------------------------------------------------------------

  /** Begins a share, which is not stored yet. */
  #serve(paths: readonly string[], keep: boolean, staged: StagedShare | null): string {
    const id = staged?.id ?? crypto.randomUUID();
    const { home, engine, settings, relay, limits } = this.#context;
    const { ticketKind, previewNames } = settings();
    const options = { ticketKind, previewNames, relay: relay(), limit: limits.sending };
    const earlier = [...this.#shares.values()].filter((share) => isClosingShareOf(share, paths)).map((
      { closed },
    ) => closed);
    const share = new ShareTransfer(
      { id, paths, keep, staged, options, after: Promise.all(earlier) },
      { home, engine, record: (entry) => this.#record(entry) },
      (change) => this.#shareChanged(change),
    );
    this.#shares.set(id, share);
    this.#notify({ type: "share", share: share.view });
    return id;
  }

  #shareChanged({ before, view }: ShareChange): void {
    if (view !== before && this.#shares.has(view.id)) this.#notify({ type: "share", share: view });
    if (view.state !== before.state) this.#storePageShares();
  }

  #addDownload(target: DownloadTarget, earlier: Partial<DownloadView> = {}): DownloadTransfer {
    const download = new DownloadTransfer(
      {
        target,
        isRecordRequired: true,
        decide: (offer, isConsented) => Promise.resolve(isConsented || offer.consents.length === 0),
      },
      this.#downloadContext,
      earlier,
    );
    this.#downloads.set(download.id, download);
    let shown: DownloadView | null = null;
    download.observe((update) => {
      if (update.type === "removed") {
        this.#recorded.delete(download.id);
        return this.#drop(this.#downloads, download.id);
      }
      if (shown !== update.view) this.#notify({ type: "download", download: shown = update.view });
    });
    return download;
  }

  #startTimer(): void {
    if (this.#isClosing) return;
    this.#stopTimer = this.#context.home.clock.timer(RECORDS_MS, () => {
      this.#reading = this.#followRecords().finally(() => this.#startTimer());
    });
  }

  /** Removes the downloads that another process has completed or discarded. Never rejects. */
  async #followRecords(): Promise<void> {
    for (const download of [...this.#downloads.values()]) {
      // pli's folder may be usable again at the next time.
      await this.#followRecord(download).catch(() => {});
    }
  }

  /** Removes a download if another process has completed or discarded it, with a notice. Throws `home_*`. */
  async #followRecord(download: DownloadTransfer): Promise<void> {
    const { id, target: { ticket }, view: { state, folder, title, otherNames, files, doneBytes, lost } } =
      download;
    if (afterCommand(state, "lose") === null || folder === null) return;
    // Without data there may have been no record.
    if (state === "partial" ? lost.keptBytes === 0 : doneBytes === 0) return;
    const { home } = this.#context;
    const isThere = () => isRecorded(home, ticket, folder);
    if (await isThere()) this.#recorded.add(id);
    else if (this.#recorded.has(id) && await download.lose(isThere)) {
      home.notify({ code: "download_gone", parameters: { title, otherNames, files, folder } });
    }
  }

  #record(entry: NewEntry): void {
    try {
      this.#history.add(entry);
    } catch {
      // A failed write only costs the history an entry.
      return;
    }
    this.#notify({ type: "history" });
  }

  /** Stores which shares are served again by the next process. Uploads have records of their own (uploads.ts). */
  #storePageShares(): void {
    if (this.#isClosing) return;
    const open = [...this.#shares.values()].filter(({ view }) => !view.isStaged && !isShareOver(view.state));
    this.#pageShares.write(open.map(({ paths, view }) => ({ paths, keep: view.keep })));
  }

  #drop(transfers: Map<string, unknown>, id: string): void {
    if (transfers.delete(id)) this.#notify({ type: "removed", id });
  }

  #notify(change: TransferChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}

/** Whether a share has these paths: it holds their record until it is closed. */
function isClosingShareOf({ paths, view }: ShareTransfer, others: readonly string[]): boolean {
  return isShareOver(view.state) && JSON.stringify(paths) === JSON.stringify(others);
}

/** The transfer of an id. Throws `internal` if there is none. */
function found<T>(transfers: ReadonlyMap<string, T>, id: string): T {
  const transfer = transfers.get(id);
  if (transfer === undefined) throw new PliError("internal", { what: `no transfer ${id}` });
  return transfer;
}
