// What the page knows: the server's state, kept up to date by its events.

import { computed, signal } from "@preact/signals";
import type { DownloadView, Failure, PageEvent, Settings, ShareView, Skipped } from "../contract.ts";

export const shares = signal<readonly ShareView[]>([]);
export const downloads = signal<readonly DownloadView[]>([]);
export const settings = signal<Settings | null>(null);
export const version = signal("");
export const isConnected = signal(true);
/** Counts changes of the history. */
export const historyChanges = signal(0);
/** Something to tell that belongs to no card; `retry` names nothing of the server. */
export const notices = signal<readonly Notice[]>([]);

export type Notice = { failure: Failure } | { text: string } | { skipped: readonly Skipped[] };

const ENDED_SHARES: readonly string[] = ["delivered", "sent", "stopped", "failed"];
const ENDED_DOWNLOADS: readonly string[] = ["done", "cancelled", "failed"];

export const isEnded = {
  share: (share: ShareView) => ENDED_SHARES.includes(share.state),
  download: (download: DownloadView) => ENDED_DOWNLOADS.includes(download.state),
};

export type Activity = { kind: "share"; view: ShareView } | { kind: "download"; view: DownloadView };

const activities = computed<readonly Activity[]>(() =>
  [
    ...shares.value.map((view): Activity => ({ kind: "share", view })),
    ...downloads.value.map((view): Activity => ({ kind: "download", view })),
  ].sort((a, b) => b.view.startedAt - a.view.startedAt)
);

export const underWay = computed(() => activities.value.filter((one) => placeOf(one) === "under way"));
export const unfinished = computed(() => activities.value.filter((one) => placeOf(one) === "unfinished"));
export const ended = computed(() => activities.value.filter((one) => placeOf(one) === "ended"));

function placeOf(activity: Activity): "under way" | "unfinished" | "ended" {
  if (activity.kind === "share") return isEnded.share(activity.view) ? "ended" : "under way";
  if (activity.view.state === "unfinished") return "unfinished";
  return isEnded.download(activity.view) ? "ended" : "under way";
}

export function applyEvent(event: PageEvent): void {
  switch (event.type) {
    case "state":
      shares.value = event.state.shares;
      downloads.value = event.state.downloads;
      settings.value = event.state.settings;
      version.value = event.state.version;
      historyChanges.value++;
      return;
    case "share":
      shares.value = withView(shares.value, event.share);
      return;
    case "download":
      downloads.value = withView(downloads.value, event.download);
      return;
    case "removed":
      shares.value = shares.value.filter(({ id }) => id !== event.id);
      downloads.value = downloads.value.filter(({ id }) => id !== event.id);
      return;
    case "settings":
      settings.value = event.settings;
      return;
    case "history":
      historyChanges.value++;
  }
}

function withView<V extends { id: string }>(views: readonly V[], view: V): readonly V[] {
  const isNew = views.every(({ id }) => id !== view.id);
  return isNew ? [...views, view] : views.map((one) => one.id === view.id ? view : one);
}

export function tell(notice: Notice): void {
  notices.value = [...notices.value, notice].slice(-3);
}

export function dismiss(notice: Notice): void {
  notices.value = notices.value.filter((one) => one !== notice);
}
