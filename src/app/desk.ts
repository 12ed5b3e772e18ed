// The desk of a pli that runs for long: its shares and downloads, what is shown of them, and what their user does
// with them. What is unfinished is taken up by the next one. It tells of every change; nothing here prints.

import type { Offer } from "../engine/mod.ts";
import { type DownloadWork, fetchDownload } from "./desk_download.ts";
import { serveShare, type Workplace } from "./desk_share.ts";
import {
  asGlob,
  type DownloadJob,
  filesPage,
  found,
  isRunning,
  normalTicket,
  NOTHING_KNOWN,
  type ShareJob,
} from "./desk_jobs.ts";
import { DeskMemory } from "./desk_memory.ts";
import { newDownloadView } from "./download_view.ts";
import { beginDownload, type DownloadTarget, listDownloads } from "./downloads.ts";
import { newShareView } from "./share_view.ts";
import type { History, NewEntry } from "./history.ts";
import { titleOfPaths } from "./titles.ts";
import type { StagedFiles } from "./uploads.ts";
import type { DownloadView, FilesPage, ShareView } from "./views.ts";

export type DeskChange =
  | { type: "share"; share: ShareView }
  | { type: "download"; download: DownloadView }
  | { type: "removed"; id: string }
  | { type: "history" };

export interface NewDownload {
  /** A ticket, or a text that holds one. */
  ticket: string;
  folder: string;
  existing: DownloadTarget["existing"];
  /** The names to take; null for all of them. */
  only: readonly string[] | null;
  consents: boolean;
}

/** What a ticket would bring, and whether that was begun before. */
export interface Previewed {
  ticket: string;
  offer: Offer;
  unfinishedId: string | null;
}

export class Desk implements AsyncDisposable {
  readonly #place: Workplace;
  readonly #history: History;
  readonly #memory: DeskMemory;
  readonly #shares = new Map<string, ShareJob>();
  readonly #downloads = new Map<string, DownloadJob>();
  readonly #listeners = new Set<(change: DeskChange) => void>();
  #isClosing = false;

  private constructor(place: Workplace, history: History, memory: DeskMemory) {
    this.#place = place;
    this.#history = history;
    this.#memory = memory;
  }

  /** Opens the desk with what an earlier one has left: its shares are served again. Throws `home_*`. */
  static async open(place: Workplace, history: History): Promise<Desk> {
    const desk = new Desk(place, history, new DeskMemory(place.home));
    for (const download of await listDownloads(place.home)) {
      if (download.isRunning) continue;
      const id = crypto.randomUUID();
      const view = newDownloadView({
        id,
        state: "unfinished",
        title: download.otherNames === 0 ? download.title : null,
        folder: download.folder,
        files: download.files,
        bytes: download.bytes,
        doneBytes: download.receivedBytes,
        startedAt: download.startedAtMs,
      });
      const work = { view, stop: new AbortController(), ended: Promise.resolve() };
      desk.#downloads.set(id, { ...work, target: download, only: null, consents: false, ...NOTHING_KNOWN });
    }
    for (const { paths, keep } of await desk.#memory.read()) desk.startShare(paths, keep);
    return desk;
  }

  get shares(): ShareView[] {
    return [...this.#shares.values()].map(({ view }) => view);
  }

  get downloads(): DownloadView[] {
    return [...this.#downloads.values()].map(({ view }) => view);
  }

  /** Calls a listener with every change until what it gives back is called. */
  subscribe(listener: (change: DeskChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  // --- shares ------------------------------------------------------------------------------------------

  /** Begins a share of absolute paths; what it becomes is told. `staged` are files that go when it ends. */
  startShare(
    paths: readonly string[],
    keep: boolean,
    staged: Pick<StagedFiles, "id" | "skipped" | "remove"> | null = null,
  ): string {
    const id = staged?.id ?? crypto.randomUUID();
    const view = newShareView(id, Date.now(), {
      title: titleOfPaths(paths),
      keep,
      skipped: staged?.skipped ?? [],
      isStaged: staged !== null,
    });
    const stop = new AbortController();
    const show = (next: ShareView) => {
      job.view = next;
      this.#tell({ type: "share", share: next });
    };
    const job: ShareJob = {
      view,
      stop,
      paths,
      ended: Promise.resolve(),
      onEnded: staged?.remove ?? (() => Promise.resolve()),
    };
    this.#shares.set(id, job);
    show(view);
    job.ended = this.#serve(job, show);
    this.#remember();
    return id;
  }

  /** Serves nobody any more. */
  async stopShare(id: string): Promise<void> {
    const job = found(this.#shares, id);
    job.stop.abort();
    await job.ended;
  }

  // --- downloads ---------------------------------------------------------------------------------------

  /** Asks what a ticket would bring; takes nothing. Throws `ticket_*`, what the engine's `inspect` throws. */
  async preview(text: string): Promise<Previewed> {
    const ticket = normalTicket(text);
    const engine = await this.#place.engine();
    using open = await beginDownload(
      this.#place.home,
      { ticket, folder: null, existing: "merge", only: [] },
      null,
    );
    const offer = await engine.inspect({
      ticket,
      relay: this.#place.relay(),
      secretKey: open.secretKey,
      onEvent: () => {},
    });
    const unfinished = [...this.#downloads.values()].find(({ target, view }) => {
      return target.ticket === ticket && view.state !== "done";
    });
    return { ticket, offer, unfinishedId: unfinished?.view.id ?? null };
  }

  /** Begins a download; what it becomes is told. Throws `ticket_*`. */
  startDownload({ ticket, folder, existing, only, consents }: NewDownload): string {
    const id = crypto.randomUUID();
    const target = { ticket: normalTicket(ticket), folder, existing, only: (only ?? []).map(asGlob) };
    const view = newDownloadView({ id, state: "connecting", title: null, folder, startedAt: Date.now() });
    const job: DownloadJob = {
      view,
      stop: new AbortController(),
      ended: Promise.resolve(),
      target,
      only: only === null ? null : new Set(only),
      consents,
      ...NOTHING_KNOWN,
    };
    this.#downloads.set(id, job);
    this.#fetch(job);
    return id;
  }

  /** Stops for now; what has arrived stays. */
  async pauseDownload(id: string): Promise<void> {
    const job = found(this.#downloads, id);
    job.stop.abort();
    await job.ended;
  }

  /** Goes on. Does nothing where it runs. */
  async resumeDownload(id: string, consents = false): Promise<void> {
    const job = found(this.#downloads, id);
    if (isRunning(job.view)) return;
    await job.ended;
    job.stop = new AbortController();
    job.consents ||= consents;
    this.#fetch(job);
  }

  /** Stops, and removes what has arrived. Throws `destination_busy`, `disk_*`. */
  async discardDownload(id: string): Promise<void> {
    const job = found(this.#downloads, id);
    job.stop.abort();
    await job.ended;
    const { ticket, folder } = job.target;
    await (await this.#place.engine()).discard({ ticket, folder });
    using open = await beginDownload(this.#place.home, job.target, null);
    await open.discarded();
    this.#drop(this.#downloads, id);
  }

  /** Some files of a download, and how far each is now. */
  filesOf(id: string, from: number, count: number): FilesPage {
    return filesPage(found(this.#downloads, id), from, count);
  }

  /** Forgets a share or a download that has ended. False while it has not. */
  forget(id: string): boolean {
    const share = this.#shares.get(id);
    if (share !== undefined) {
      if (["hashing", "staging", "serving"].includes(share.view.state)) return false;
      return this.#drop(this.#shares, id);
    }
    const { view } = found(this.#downloads, id);
    return view.state === "done" || view.state === "failed" ? this.#drop(this.#downloads, id) : false;
  }

  /** Stops everything; unfinished shares and downloads are taken up by the next desk. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosing = true;
    const jobs = [...this.#shares.values(), ...this.#downloads.values()];
    for (const { stop } of jobs) stop.abort();
    await Promise.all(jobs.map(({ ended }) => ended));
    await this.#memory.settled();
  }

  // --- inside ------------------------------------------------------------------------------------------

  async #serve(job: ShareJob, show: (view: ShareView) => void): Promise<void> {
    const { paths, view, stop: { signal } } = job;
    await serveShare(this.#place, { paths, view, signal, show, record: (entry) => this.#record(entry) });
    await job.onEnded();
    this.#remember();
  }

  #fetch(job: DownloadJob): void {
    const show = (view: DownloadView) => {
      job.view = view;
      this.#tell({ type: "download", download: view });
    };
    show({ ...job.view, state: "connecting", failure: null, waiting: null });
    const { target, only, consents, stop: { signal } } = job;
    const learn: DownloadWork["learn"] = (known) => Object.assign(job, known);
    const work = { target, only: only === null ? null : (name: string) => only.has(name), consents };
    const record = (entry: NewEntry) => this.#record(entry);
    job.ended = fetchDownload(this.#place, { ...work, view: job.view, signal, show, learn, record });
  }

  #record(entry: NewEntry): void {
    try {
      this.#history.add(entry);
    } catch {
      // What cannot be written costs the history an entry, and nothing else.
      return;
    }
    this.#tell({ type: "history" });
  }

  /** Notes which shares are to be served again. What was staged is not: it goes with the process. */
  #remember(): void {
    if (this.#isClosing) return;
    const open = [...this.#shares.values()].filter(({ view }) => {
      return !view.isStaged && (view.state === "hashing" || view.state === "serving");
    });
    this.#memory.write(open.map(({ paths, view }) => ({ paths, keep: view.keep })));
  }

  #drop(jobs: Map<string, unknown>, id: string): true {
    jobs.delete(id);
    this.#tell({ type: "removed", id });
    return true;
  }

  #tell(change: DeskChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}
