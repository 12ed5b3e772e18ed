// The view of a download, computed by one pure reducer from its events. Terminal, page and JSON lines take their
// figures and their state from it.

import { type Fetched, type Offer, slice, type TransferEvent } from "../../engine/mod.ts";
import { failureOf } from "../failure_view.ts";
import { NONE_LOST, withLost } from "../lost_view.ts";
import { withSkipped } from "../skipped_view.ts";
import { titleOfOffer } from "../titles.ts";
import { type DownloadView, NAMES_KEPT } from "../views.ts";
import { afterEvent, afterFault } from "./download_states.ts";
import { figuresAfter, type MeasuredFigures, NO_FIGURES } from "./figures.ts";

/** The outcome of a fetch. */
export type FetchEnd =
  /** `isListed`: a list of unfinished downloads contains the kept data of lost files. */
  | { type: "fetched"; fetched: Fetched; isListed: boolean }
  /** Ended by a command. */
  | { type: "stopped" }
  /** `keptBytes` were received. */
  | { type: "broken"; error: unknown; keptBytes: number };

/** Events of a download: a fetch begins, its offer is accepted, the engine reports, the fetch ends. */
export type DownloadEvent = { type: "begun" } | { type: "accepted"; offer: Offer } | TransferEvent | FetchEnd;

/** A view, and the samples of its figures. */
export interface DownloadModel {
  readonly view: DownloadView;
  readonly figures: MeasuredFigures;
}

/** A download before its first fetch, or as an earlier run left it. */
export function newDownload(
  about: Pick<DownloadView, "id" | "folder" | "startedAt"> & Partial<DownloadView>,
): DownloadModel {
  const view: DownloadView = {
    state: "unfinished",
    title: null,
    otherNames: 0,
    files: 0,
    filesDone: 0,
    bytes: 0,
    doneBytes: 0,
    resumedBytes: 0,
    bytesPerSecond: null,
    stalledSeconds: null,
    path: null,
    waiting: null,
    renamed: { count: 0, names: [] },
    skipped: [],
    lost: NONE_LOST,
    names: [],
    failure: null,
    seconds: 0,
    ...about,
  };
  return { view, figures: NO_FIGURES };
}

/** The download after an event; `view` is the same object if nothing shown changes. */
export function downloadAfter(model: DownloadModel, event: DownloadEvent, nowMs: number): DownloadModel {
  switch (event.type) {
    case "begun":
      return { view: begun(model.view), figures: NO_FIGURES };
    case "accepted":
      return { ...model, view: accepted(model.view, event.offer) };
    case "fetched":
    case "stopped":
    case "broken":
      return { ...model, view: ended(model.view, event) };
    default: {
      const figures = figuresAfter(model.figures, event, nowMs);
      return { figures, view: reported(model.view, event, figures) };
    }
  }
}

/** Resets what the next fetch reports again. One after an end begins with what was kept. */
function begun(view: DownloadView): DownloadView {
  const hasEnded = view.state === "partial" || view.state === "failed";
  return {
    ...view,
    ...(hasEnded && { doneBytes: view.lost.keptBytes, filesDone: 0 }),
    state: "connecting",
    failure: null,
    renamed: { count: 0, names: [] },
    skipped: [],
    lost: NONE_LOST,
  };
}

function accepted(view: DownloadView, offer: Offer): DownloadView {
  const { folder, name } = offer.place ?? { folder: view.folder, name: null };
  return {
    ...view,
    folder,
    ...(name === null ? titleOfOffer(offer) : { title: name, otherNames: 0 }),
    files: offer.files.length,
    bytes: offer.bytes,
  };
}

/** Without a default, so that a new event does not compile until its effect is decided on. */
function reported(
  earlier: DownloadView,
  event: TransferEvent,
  { shown: { bytes, totalBytes, files, ...moving } }: MeasuredFigures,
): DownloadView {
  const state = afterEvent(earlier, event);
  const view = { ...earlier, state, waiting: state === "waiting" ? earlier.waiting : null };
  switch (event.type) {
    case "waiting":
      return { ...view, ...moving, waiting: state === "waiting" ? event.reason : null };
    case "checking":
      return { ...view, ...moving };
    case "progress":
      // A fetch after a pause counts from what is on disk, which may be less than was shown.
      return {
        ...view,
        ...moving,
        doneBytes: Math.min(Math.max(earlier.doneBytes, bytes), totalBytes),
        bytes: totalBytes,
        filesDone: Math.max(earlier.filesDone, files),
      };
    case "stalled":
      return { ...view, ...moving };
    case "manifest":
      // The sizes of the whole collection; the offer has those of the chosen files.
      return earlier.files > 0 ? view : { ...view, files: event.files.length, bytes: event.bytes };
    case "path":
      return { ...view, path: { kind: event.kind, address: event.address, rttMs: event.rttMs } };
    case "renamed": {
      const { count, names } = view.renamed;
      const { from, to } = event;
      return {
        ...view,
        renamed: { count: count + 1, names: count < NAMES_KEPT ? [...names, { from, to }] : names },
      };
    }
    case "source_lost":
      return { ...view, lost: withLost(view.lost, event.name) };
    case "skipped":
      return { ...view, skipped: withSkipped(view.skipped, event) };
    // Not in the view; the terminal reports the warnings, and the outcome has the amounts.
    case "space_short":
    case "inodes_short":
    case "volume_crossed":
    case "staging_refused":
    case "addresses_cut":
    case "done":
      return earlier;
    // Of a share.
    case "hashing":
    case "ticket":
    case "receiver":
    case "claimed":
    case "refused":
    case "source_changed":
    case "all_lost":
    case "answer_failed":
    case "sent":
    case "delivered":
      return earlier;
  }
}

/** Resets the figures of motion. */
function ended(view: DownloadView, end: FetchEnd): DownloadView {
  const still = { ...view, waiting: null, bytesPerSecond: null, stalledSeconds: null };
  if (end.type === "stopped") return { ...still, state: "paused" };
  if (end.type === "broken") {
    return { ...still, state: afterFault(end.error, end.keptBytes), failure: failureOf(end.error) };
  }
  const { files, bytes, resumedBytes, seconds, names, lost, keptBytes } = end.fetched;
  return {
    ...still,
    state: lost.length === 0 ? "done" : "partial",
    lost: { count: lost.length, names: slice(lost, 0, NAMES_KEPT).map(({ name }) => name), keptBytes },
    files,
    filesDone: files,
    bytes,
    doneBytes: bytes,
    resumedBytes,
    seconds,
    names: names.slice(0, NAMES_KEPT),
  };
}
