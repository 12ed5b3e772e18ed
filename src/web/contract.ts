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
//   PUT    /api/uploads/:id/files?name=N   octet stream of one file, its name with `/` between the parts -> {}
//   POST   /api/uploads/:id/complete       {} -> {}: the ticket follows as an event, under the same id
//   DELETE /api/uploads/:id                gives it up
//   POST   /api/previews                   {ticket} -> Preview
//   POST   /api/downloads                  DownloadRequest -> {id}
//   POST   /api/downloads/:id/pause|resume|discard   resume takes {consents?}
//   DELETE /api/downloads/:id              forgets one that has ended
//   GET    /api/downloads/:id/files?from=N&count=N   FilesPage: what the list of its files shows now
//   POST   /api/downloads/:id/open         opens its folder on this computer
//   GET    /api/history?before=ID&count=N  HistoryPage;  DELETE /api/history, /api/history/:id
//   POST   /api/history/:id/open | /again
//   GET    /api/folders?path=PATH          FolderListing of this computer
//   GET    /api/settings -> Settings       PUT /api/settings  Settings -> Settings
//
// A call that fails answers 4xx or 5xx with a Failure.

import type { DownloadView, HistoryEntry, Settings, ShareView, Skipped } from "../app/views.ts";
import type { ConsentReason, ExistingPolicy } from "../engine/mod.ts";
import type { RefusalCode, WebErrorCode } from "./errors.ts";

export type * from "../app/views.ts";
export type { ConsentReason, ExistingPolicy };

/** Every code of the server's own that a Failure can have; the others are the engine's and the app's. */
export type ServerCode = WebErrorCode | RefusalCode;

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

/** What the browser is going to bring. */
export interface UploadRequest {
  files: number;
  bytes: number;
  /** The only name at the top; null for several. */
  title: string | null;
  keep: boolean;
  /** What it cannot bring. */
  skipped: readonly Skipped[];
}

export interface Preview {
  /** Of the pasted text. */
  ticket: string;
  title: string | null;
  files: number;
  bytes: number;
  /** The first of them; what is not named here cannot be left out. */
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

export interface HistoryPage {
  entries: readonly HistoryEntry[];
  more: boolean;
}
