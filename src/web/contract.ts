// The API between the page and its server, as types. Bytes are numbers, times are milliseconds since 1970, ids of
// shares and downloads are opaque. Codes and parameters, which the page's catalogues turn into sentences.
//
//   POST   /api/session                    {code} -> {token}; every other call carries `Authorization: Bearer token`
//   POST   /api/open                       {secret} -> Opening: for another pli of the same user
//   GET    /api/events?after=ID            PageEvent, one a server-sent event: those after ID, if the server still has
//                                          them; otherwise, and without ID, first a `state`
//   POST   /api/shares                     ShareBody -> {id}
//   POST   /api/shares/:id/stop            stops serving; staged data is removed
//   DELETE /api/shares/:id                 removes one that has ended
//   POST   /api/uploads                    UploadBody -> {id}: a share whose files the browser uploads
//   POST   /api/uploads/:id/files          octet stream of whole files, by upload_batch.ts -> {}
//   POST   /api/uploads/:id/complete       {} -> {}: the ticket follows as an event, under the same id
//   DELETE /api/uploads/:id                cancels it
//   POST   /api/previews                   {ticket} -> PreviewBody
//   POST   /api/downloads                  DownloadBody -> {id}
//   POST   /api/downloads/:id/pause|resume|discard   resume takes {consents?}
//   DELETE /api/downloads/:id              removes one that has ended
//   GET    /api/downloads/:id/files?from=N&count=N   FilesPage
//   POST   /api/downloads/:id/open         opens its folder on this computer
//   GET    /api/history?before=ID&count=N  HistoryPage;  DELETE /api/history, /api/history/:id
//   POST   /api/history/:id/open | /again
//   GET    /api/folders?path=PATH          FolderListing of this computer
//   GET    /api/settings -> Settings       PUT /api/settings  Settings -> Settings
//
// A call that fails answers 4xx or 5xx with a Failure.

import type { Notice } from "../app/notices.ts";
import type { DownloadView, HistoryEntry, Settings, ShareView, Skipped, Title } from "../app/views.ts";
import type { Consent, ConsentReason, ExistingPolicy } from "../engine/mod.ts";
import type { RefusalCode, WebErrorCode } from "./errors.ts";

export type * from "../app/views.ts";
export type { Consent, ConsentReason, ExistingPolicy, Notice };

/** The server's own codes of a Failure; the others are the engine's and the app's. */
export type ServerCode = WebErrorCode | RefusalCode;

/** The initial content of the page. */
export interface State {
  version: string;
  shares: readonly ShareView[];
  downloads: readonly DownloadView[];
  settings: Settings;
  /** The notices of this run. */
  notices: readonly Notice[];
}

export type PageEvent =
  | { type: "state"; state: State }
  | { type: "share"; share: ShareView }
  | { type: "download"; download: DownloadView }
  | { type: "removed"; id: string }
  | { type: "settings"; settings: Settings }
  | { type: "notice"; notice: Notice }
  | { type: "history" };

export interface ShareBody {
  /** Absolute paths on this computer. */
  paths: readonly string[];
  keep: boolean;
}

/** The announcement of files that the browser uploads. */
export interface UploadBody extends Title {
  files: number;
  bytes: number;
  keep: boolean;
  /** The files that it cannot upload. */
  skipped: readonly Skipped[];
}

export interface PreviewBody extends Title {
  /** The ticket of the pasted text. */
  ticket: string;
  files: number;
  bytes: number;
  /** Number of folders of the files. */
  folders: number;
  hiddenFiles: number;
  /** The first names; only these can be deselected. */
  names: readonly { name: string; bytes: number }[];
  consents: readonly Consent[];
  /** An unfinished download of the same ticket. */
  unfinishedId: string | null;
}

export interface DownloadBody {
  ticket: string;
  folder: string;
  existing: ExistingPolicy;
  /** The chosen names; all if null. */
  only: readonly string[] | null;
  /** Whether the user consents to hidden files and to files that will be replaced. */
  consents: boolean;
}

export interface HistoryPage {
  entries: readonly HistoryEntry[];
  more: boolean;
  /** Number of entries that were left out because they are invalid. */
  unreadable: number;
}
