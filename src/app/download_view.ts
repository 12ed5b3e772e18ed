// What is shown of a download, after each event of it. Pure.

import type { Fetched, Offer, TransferEvent } from "../engine/mod.ts";
import { withSkipped } from "./skipped_view.ts";
import { titleOf } from "./titles.ts";
import type { DownloadView } from "./views.ts";

const RENAMES_KEPT = 100;
/** How much of the measured speed is the last measurement's. */
const NEWEST = 0.3;
const MEASURED_MS = 500;

/** A download that begins, or that an earlier run has left. */
export function newDownloadView(
  about: Pick<DownloadView, "id" | "state" | "title" | "folder" | "startedAt"> & Partial<DownloadView>,
): DownloadView {
  return {
    files: 0,
    filesDone: 0,
    bytes: 0,
    doneBytes: 0,
    bytesPerSecond: 0,
    path: null,
    waiting: null,
    renamed: [],
    skipped: [],
    names: [],
    failure: null,
    seconds: 0,
    ...about,
  };
}

/** The speed of a download, smoothed, from how much there is at which time. */
export class Speed {
  #bytesPerSecond = 0;
  #last: { bytes: number; atMs: number } | null = null;

  after(bytes: number, atMs: number): number {
    const last = this.#last;
    if (last !== null && atMs - last.atMs < MEASURED_MS) return this.#bytesPerSecond;
    this.#last = { bytes, atMs };
    if (last === null) return 0;
    const measured = Math.max(0, bytes - last.bytes) * 1000 / (atMs - last.atMs);
    const share = this.#bytesPerSecond === 0 ? 1 : NEWEST;
    return this.#bytesPerSecond = share * measured + (1 - share) * this.#bytesPerSecond;
  }
}

/** The download after it was accepted. */
export function downloadAccepted(view: DownloadView, { files, bytes }: Offer): DownloadView {
  return { ...view, title: titleOf(files.map(({ name }) => name)), files: files.length, bytes };
}

/** The download after one event; the same object when nothing changes that is shown. */
export function downloadAfter(
  view: DownloadView,
  event: TransferEvent,
  bytesPerSecond: number,
): DownloadView {
  switch (event.type) {
    case "waiting":
      if (event.reason === "connecting") return { ...view, state: "connecting", waiting: null };
      return { ...view, state: "waiting", waiting: event.reason, bytesPerSecond: 0 };
    case "checking":
      return { ...view, state: "checking", waiting: null };
    case "path": {
      const { kind, address, rttMs } = event;
      return { ...view, path: { kind, address, rttMs } };
    }
    case "progress":
      return {
        ...view,
        state: "running",
        waiting: null,
        doneBytes: event.bytes,
        bytes: event.total,
        filesDone: event.files,
        bytesPerSecond,
      };
    case "renamed": {
      if (view.renamed.length >= RENAMES_KEPT) return view;
      return { ...view, renamed: [...view.renamed, { from: event.from, to: event.to }] };
    }
    case "skipped":
      return { ...view, skipped: withSkipped(view.skipped, event) };
    default:
      return view;
  }
}

/** The download when everything is there. */
export function downloadDone(view: DownloadView, { files, bytes, seconds, names }: Fetched): DownloadView {
  return {
    ...view,
    state: "done",
    waiting: null,
    files,
    filesDone: files,
    bytes,
    doneBytes: bytes,
    seconds,
    names: names.slice(0, RENAMES_KEPT),
  };
}
