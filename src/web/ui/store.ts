// The state of the page: the server's state, updated by its events.

import { computed, signal } from "@preact/signals";
import type {
  DownloadView,
  Failure,
  Notice as ServerNotice,
  PageEvent,
  Settings,
  ShareView,
  Skipped,
} from "../contract.ts";

export const shares = signal<readonly ShareView[]>([]);
export const downloads = signal<readonly DownloadView[]>([]);
export const settings = signal<Settings | null>(null);
export const version = signal("");
export const isConnected = signal(true);
/** Counts changes of the history. */
export const historyChanges = signal(0);
/** Messages that belong to no card. */
export const notices = signal<readonly Notice[]>([]);

/** The server's notices, without those that were dismissed here. */
export const serverNotices = signal<readonly ServerNotice[]>([]);
const dismissed = new Set<string>();

export type Notice = { failure: Failure } | { text: string } | { skipped: readonly Skipped[] };

/** The groups of cards. */
type Group = "under way" | "unfinished" | "ended";

/** The group of a card, by its state. */
const GROUP_OF = {
  share: {
    staging: "under way",
    hashing: "under way",
    serving: "under way",
    delivered: "ended",
    partial: "ended",
    sent: "ended",
    stopped: "ended",
    failed: "ended",
  } satisfies Record<ShareView["state"], Group>,
  download: {
    connecting: "under way",
    checking: "under way",
    running: "under way",
    waiting: "under way",
    paused: "under way",
    unfinished: "unfinished",
    done: "ended",
    partial: "ended",
    failed: "ended",
  } satisfies Record<DownloadView["state"], Group>,
};

export const isEnded = {
  share: (share: ShareView) => GROUP_OF.share[share.state] === "ended",
  download: (download: DownloadView) => GROUP_OF.download[download.state] === "ended",
};

export type Activity = { kind: "share"; view: ShareView } | { kind: "download"; view: DownloadView };

const activities = computed<readonly Activity[]>(() =>
  [
    ...shares.value.map((view): Activity => ({ kind: "share", view })),
    ...downloads.value.map((view): Activity => ({ kind: "download", view })),
  ].sort((a, b) => b.view.startedAt - a.view.startedAt)
);

export const underWay = computed(() => activities.value.filter((one) => groupOf(one) === "under way"));
export const unfinished = computed(() => activities.value.filter((one) => groupOf(one) === "unfinished"));
export const ended = computed(() => activities.value.filter((one) => groupOf(one) === "ended"));

function groupOf(activity: Activity): Group {
  return activity.kind === "share"
    ? GROUP_OF.share[activity.view.state]
    : GROUP_OF.download[activity.view.state];
}

export function applyEvent(event: PageEvent): void {
  switch (event.type) {
    case "state":
      shares.value = event.state.shares;
      downloads.value = event.state.downloads;
      settings.value = event.state.settings;
      version.value = event.state.version;
      showServerNotices(event.state.notices);
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
    case "notice":
      showServerNotices([...serverNotices.value, event.notice]);
      return;
    case "history":
      historyChanges.value++;
      return;
    default:
      event satisfies never;
  }
}

function withView<V extends { id: string }>(views: readonly V[], view: V): readonly V[] {
  const isNew = views.every(({ id }) => id !== view.id);
  return isNew ? [...views, view] : views.map((one) => one.id === view.id ? view : one);
}

/** Shows each notice once, however often it is sent. */
function showServerNotices(all: readonly ServerNotice[]): void {
  const byText = new Map(all.map((notice) => [JSON.stringify(notice), notice]));
  serverNotices.value = [...byText].filter(([text]) => !dismissed.has(text)).map(([, notice]) => notice);
}

export function dismissServerNotice(notice: ServerNotice): void {
  dismissed.add(JSON.stringify(notice));
  showServerNotices(serverNotices.value);
}

export function showNotice(notice: Notice): void {
  notices.value = [...notices.value, notice].slice(-3);
}

export function dismiss(notice: Notice): void {
  notices.value = notices.value.filter((one) => one !== notice);
}
