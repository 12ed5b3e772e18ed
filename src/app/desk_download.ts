// One download at the desk: from its ticket to its folder, with what is shown of it after each event.

import { isPliError, PliError } from "../engine/mod.ts";
import type { KnownFiles } from "./desk_jobs.ts";
import type { Workplace } from "./desk_share.ts";
import { downloadAccepted, downloadAfter, downloadDone, Speed } from "./download_view.ts";
import { beginDownload, type DownloadTarget } from "./downloads.ts";
import { failureOf } from "./failure_view.ts";
import type { NewEntry } from "./history.ts";
import { receivedEntry } from "./history_entries.ts";
import type { DownloadView } from "./views.ts";

export interface DownloadWork {
  target: DownloadTarget & { folder: string };
  /** Whether a name is to be taken. */
  only: ((name: string) => boolean) | null;
  /** Whether hidden files at the top, and those that replace others, were consented to. */
  consents: boolean;
  view: DownloadView;
  /** Aborted when it is to stop. */
  signal: AbortSignal;
  /** Told of every change. */
  show: (view: DownloadView) => void;
  /** Told what is known of the files that come, as it becomes known. */
  learn: (known: Partial<KnownFiles>) => void;
  /** Told when everything is there. */
  record: (entry: NewEntry) => void;
}

/** Faults that going on later can mend. */
const MENDABLE = new Set(["connection_lost", "peer_unreachable", "stream_reset", "disk_full", "disk_denied"]);

/** Fetches. Resolves when it has ended, in whatever way: the view says how. Never rejects. */
export async function fetchDownload(
  { home, engine, relay, limits }: Workplace,
  work: DownloadWork,
): Promise<void> {
  const { target, signal } = work;
  let { view } = work;
  const show = (next: DownloadView) => {
    if (next !== view) work.show(view = next);
  };
  const speed = new Speed();
  try {
    using open = await beginDownload(home, target, null);
    if (!open.isRemembered) throw new PliError("destination_busy", { path: target.folder });
    const transfers = await engine();
    try {
      const fetched = await transfers.fetch({
        ticket: target.ticket,
        destination: { kind: "folder", folder: target.folder, existing: target.existing },
        ...(work.only !== null && { only: work.only }),
        decide: async (offer) => {
          if (offer.consents.length > 0 && !work.consents && !await open.hasConsent(offer)) return false;
          show(downloadAccepted(view, offer));
          work.learn({ offer });
          await open.accepted(offer);
          return true;
        },
        onBegun: (doneBytesOf) => work.learn({ doneBytesOf }),
        secretKey: open.secretKey,
        relay: relay(),
        limit: limits.receiving,
        onEvent: (event) => {
          const isProgress = event.type === "progress";
          if (isProgress) open.arrived(event.bytes);
          show(downloadAfter(view, event, isProgress ? speed.after(event.bytes, performance.now()) : 0));
        },
        signal,
      });
      await open.finished();
      show(downloadDone(view, fetched));
      work.record(receivedEntry({ title: view.title, folder: target.folder }, fetched, Date.now()));
    } catch (error) {
      await open.interrupted().catch(() => {});
      throw error;
    }
  } catch (error) {
    if (signal.aborted) return show({ ...view, state: "paused", waiting: null, bytesPerSecond: 0 });
    const isMendable = isPliError(error) && MENDABLE.has(error.code);
    const state = isMendable ? "unfinished" : "failed";
    show({ ...view, state, waiting: null, bytesPerSecond: 0, failure: failureOf(error) });
  }
}
