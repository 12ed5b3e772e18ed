// What is shown of shares and downloads while they work: plain data, made from the engine's events. Bytes are numbers,
// times are milliseconds since 1970. No words: codes and parameters.

import type { NetworkPath, ReceiverState, SkipReason, TicketKind, WaitReason } from "../engine/mod.ts";

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

/** Some files of a download, in their order. */
export interface FilesPage {
  /** With how much of each is there; that is not told where it is not known. */
  files: readonly { name: string; bytes: number; doneBytes?: number }[];
  /** How many files there are; 0 while it is not known which. */
  total: number;
}

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
  /** How fast everything together is sent and received at most; null for no limit. */
  sendBytesPerSecond: number | null;
  receiveBytesPerSecond: number | null;
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

export interface FolderEntry {
  name: string;
  kind: "file" | "folder";
  bytes: number;
}

/** Where choosing can begin: the user's own folder, the top of everything, or where downloads go. */
export type PlaceKind = "home" | "computer" | "downloads";

export interface FolderListing {
  path: string;
  /** Null at the top. */
  parent: string | null;
  entries: readonly FolderEntry[];
  /** Whether there were more than are listed. */
  isCut: boolean;
  places: readonly { kind: PlaceKind; path: string }[];
}
