// What the page and its server tell each other: types alone, shared by both. Bytes are numbers, times are
// milliseconds since 1970, ids of shares and downloads are opaque. No words: codes and parameters, which the page's
// catalogues render.
//
//   POST   /api/session                    {code} -> {token}; every other call carries `Authorization: Bearer token`
//   GET    /api/events                     PageEvent, one a server-sent event; the first is always a `state`
//   POST   /api/shares                     ShareRequest -> {id}
//   POST   /api/shares/:id/stop            no receiver is served any more; staged data is removed
//   DELETE /api/shares/:id                 forgets one that has ended
//   POST   /api/uploads                    UploadRequest -> {id}: a share whose files the browser brings
//   PUT    /api/uploads/:id/files/:index   octet stream of one file -> {}
//   POST   /api/uploads/:id/complete       {} -> {}: the ticket follows as an event
//   POST   /api/previews                   {ticket} -> Preview
//   POST   /api/downloads                  DownloadRequest -> {id}
//   POST   /api/downloads/:id/pause|resume|cancel|discard
//   DELETE /api/downloads/:id              forgets one that has ended
//   GET    /api/downloads/:id/files?from=N&count=N   FilesPage, for the list of a large one
//   POST   /api/downloads/:id/open         opens its folder on this computer
//   GET    /api/history?before=ID&count=N  HistoryPage;  DELETE /api/history, /api/history/:id
//   POST   /api/history/:id/open | /again
//   GET    /api/folders?path=PATH          FolderListing of this computer
//   GET    /api/settings -> Settings       PUT /api/settings  Settings -> Settings
//
// A call that fails answers 4xx or 5xx with a Failure.

import type {
  ConsentReason,
  ExistingPolicy,
  NetworkPath,
  ReceiverState,
  SkipReason,
  TicketKind,
  WaitReason,
} from "../engine/mod.ts";

/** Why something failed: a code of the engine, the app or the server, and what it is about. */
export interface Failure {
  code: string;
  parameters: Readonly<Record<string, unknown>>;
}

/** Names that were left out, for one reason: some of them, and how many there are. */
export interface Skipped {
  reason: SkipReason;
  count: number;
  names: readonly string[];
}

export interface ReceiverView {
  id: string;
  state: ReceiverState;
  bytes: number;
  path: NetworkPath | null;
}

export type ShareState = "staging" | "hashing" | "serving" | "delivered" | "sent" | "stopped" | "failed";

export interface ShareView {
  id: string;
  state: ShareState;
  /** What is sent: its only name at the top, or null for several. */
  title: string | null;
  files: number;
  bytes: number;
  /** Staged or hashed so far, while it is. */
  doneBytes: number;
  ticket: string | null;
  keep: boolean;
  /** Whether its data was copied into pli's own folder, because the browser brought it. */
  isStaged: boolean;
  receivers: readonly ReceiverView[];
  skipped: readonly Skipped[];
  failure: Failure | null;
  startedAt: number;
}

export type DownloadState =
  | "connecting"
  | "checking"
  | "running"
  | "waiting"
  | "paused"
  /** Of an earlier run, or stopped by a fault that going on can mend. */
  | "unfinished"
  | "done"
  | "cancelled"
  | "failed";

export interface DownloadView {
  id: string;
  state: DownloadState;
  title: string | null;
  /** Absolute, on this computer. */
  folder: string;
  files: number;
  filesDone: number;
  bytes: number;
  doneBytes: number;
  bytesPerSecond: number;
  path: NetworkPath | null;
  waiting: WaitReason | null;
  renamed: readonly { from: string; to: string }[];
  skipped: readonly Skipped[];
  /** What stands in the folder now. */
  names: readonly string[];
  failure: Failure | null;
  startedAt: number;
  seconds: number;
}

export type TextSize = "normal" | "large";
export type Look = "system" | "light" | "dark";

export interface Settings {
  /** What this computer is called in the page; never sent to anybody. */
  name: string;
  look: Look;
  /** A language tag that pli has, or null for the browser's. */
  language: string | null;
  downloadFolder: string;
  /** `default`, `disabled` or a URL. */
  relay: string;
  ticketKind: TicketKind;
  /** Bytes per second, null for none. */
  limit: number | null;
}

/** Everything that the page shows at first. */
export interface State {
  version: string;
  shares: readonly ShareView[];
  downloads: readonly DownloadView[];
  settings: Settings;
}

export type PageEvent =
  | { type: "state"; state: State }
  | { type: "share"; share: ShareView }
  | { type: "download"; download: DownloadView }
  | { type: "removed"; id: string }
  | { type: "settings"; settings: Settings }
  | { type: "history" };

export interface ShareRequest {
  /** Absolute paths on this computer. */
  paths: readonly string[];
  keep: boolean;
}

/** What the browser brings: names with `/` between their parts. */
export interface UploadRequest {
  files: readonly { name: string; bytes: number }[];
  keep: boolean;
}

export interface Preview {
  /** Of the pasted text. */
  ticket: string;
  title: string | null;
  files: number;
  bytes: number;
  /** The first thousand. */
  names: readonly { name: string; bytes: number }[];
  consents: readonly { name: string; reason: ConsentReason }[];
  /** An unfinished download of the same ticket. */
  unfinishedId: string | null;
}

export interface DownloadRequest {
  ticket: string;
  folder: string;
  existing: ExistingPolicy;
  /** The names to take; all of them when null. */
  only: readonly string[] | null;
  /** Whether hidden files at the top, and files that will be replaced, are taken. */
  consents: boolean;
}

export interface FilesPage {
  files: readonly { name: string; bytes: number; isDone: boolean }[];
  total: number;
}

export interface HistoryEntry {
  id: number;
  kind: "sent" | "received";
  title: string | null;
  files: number;
  bytes: number;
  endedAt: number;
  /** Where it was sent from, or is now. */
  paths: readonly string[];
  /** Whether that is still there. */
  isThere: boolean;
}

export interface HistoryPage {
  entries: readonly HistoryEntry[];
  more: boolean;
}

export interface FolderListing {
  path: string;
  /** Null at the top. */
  parent: string | null;
  entries: readonly { name: string; kind: "file" | "folder"; bytes: number }[];
  /** Whether there were more than are listed. */
  isCut: boolean;
  /** Places to begin at: the home folder, the download folder, volumes. */
  places: readonly { name: string; path: string }[];
}
