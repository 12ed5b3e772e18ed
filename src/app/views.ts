// The view models of shares and downloads: plain data, computed from the engine's events. Bytes are numbers, times are
// milliseconds since 1970. Codes and parameters, no sentences.

import type {
  NetworkPath,
  ReceiverState,
  RefusalReason,
  SkipReason,
  TicketKind,
  WaitReason,
} from "../engine/mod.ts";
import type { ShareState } from "./transfers/share_states.ts";

export type { ShareState };

/** Maximum number of names in a list of a view. */
export const NAMES_KEPT = 100;

/** The reason of a failure: a code of the engine, the app or the server, with its parameters. */
export interface Failure {
  code: string;
  parameters: Readonly<Record<string, unknown>>;
}

/** Skipped names of one reason: some of them, and their number. */
export interface Skipped {
  reason: SkipReason;
  count: number;
  names: readonly string[];
}

/** Lost files, which were changed or removed: some names, and their number. */
export interface LostFiles {
  count: number;
  names: readonly string[];
  /** Bytes of them that the receiver keeps for a later download of the same ticket. */
  keptBytes: number;
}

/** A refused peer that has the ticket. */
export interface Refusal {
  id: string;
  reason: RefusalReason;
  /** The holder of the share; null if the share has ended. */
  holder: string | null;
}

export interface ReceiverView {
  id: string;
  state: ReceiverState;
  bytes: number;
  files: number;
  /** Null while it is unknown, and during a stall. */
  bytesPerSecond: number | null;
  /** Duration of its stall; null if there is none. */
  stalledSeconds: number | null;
  path: NetworkPath | null;
  /** Whether it has reported that it has everything that it requested. */
  hasAll: boolean;
}

/** What a receiver has reported to have; its bytes up to those that were sent to it. */
export interface Delivery {
  id: string;
  files: number;
  bytes: number;
  /** Number of its lost files, and some of their names. */
  lostFiles: number;
  lostNames: readonly string[];
}

export interface Title {
  /** The first name at the top; null while it is unknown. */
  title: string | null;
  /** Number of further names at the top. */
  otherNames: number;
}

export interface ShareView extends Title {
  id: string;
  state: ShareState;
  files: number;
  bytes: number;
  /** Bytes that are staged or hashed so far. */
  doneBytes: number;
  /** Speed of hashing; null while it is unknown. */
  bytesPerSecond: number | null;
  ticket: string | null;
  /** The only IP addresses of the ticket, if no relay was reached; null otherwise. */
  hostsWithoutRelay: readonly string[] | null;
  keep: boolean;
  /** Whether its data was copied into pli's own folder, because a browser uploaded it. */
  isStaged: boolean;
  receivers: readonly ReceiverView[];
  /** The last delivery; null before the first. */
  delivery: Delivery | null;
  skipped: readonly Skipped[];
  /** Number of skipped files that should have been sent: unreadable ones, or those with invalid names. */
  missing: number;
  /** Files that cannot be sent any more. */
  lost: LostFiles;
  /** Whether none of its files can be sent any more. */
  isAllLost: boolean;
  refusals: readonly Refusal[];
  failure: Failure | null;
  startedAt: number;
}

export type DownloadState =
  | "connecting"
  | "checking"
  | "running"
  | "waiting"
  | "paused"
  /** From an earlier run, or stopped by a temporary error. */
  | "unfinished"
  | "done"
  /** Complete except for lost files. */
  | "partial"
  | "failed";

/** Files that were renamed because their name is taken or not supported: some, and their number. */
export interface RenamedFiles {
  count: number;
  names: readonly { from: string; to: string }[];
}

export interface DownloadView extends Title {
  id: string;
  state: DownloadState;
  /** An absolute path on this computer; null if the bytes go to standard output. */
  folder: string | null;
  /** Number of files; 0 while it is unknown. */
  files: number;
  filesDone: number;
  bytes: number;
  doneBytes: number;
  /** Bytes of earlier runs; known at the end. */
  resumedBytes: number;
  /** Null while it is unknown, and during a stall. */
  bytesPerSecond: number | null;
  /** Duration of the stall; null if there is none. */
  stalledSeconds: number | null;
  path: NetworkPath | null;
  waiting: WaitReason | null;
  renamed: RenamedFiles;
  skipped: readonly Skipped[];
  /** Files that the sender cannot send any more. */
  lost: LostFiles;
  /** Names in the folder now. */
  names: readonly string[];
  failure: Failure | null;
  startedAt: number;
  seconds: number;
}

/** A page of a download's files, in their order. */
export interface FilesPage {
  /** `doneBytes` is absent if the file's progress is unknown. */
  files: readonly { name: string; bytes: number; doneBytes?: number }[];
  /** Number of files; 0 while they are unknown. */
  total: number;
}

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = typeof THEMES[number];

export interface Settings {
  /** Name of this computer in the page; it is never sent. */
  name: string;
  theme: Theme;
  /** A language tag that pli has, or null for the browser's. */
  language: string | null;
  downloadFolder: string;
  /** `default`, `disabled` or a URL. */
  relay: string;
  ticketKind: TicketKind;
  /** Whether AltSendMe's preview contains names, for every peer with the endpoint id. */
  previewNames: boolean;
  /** Rate limits of all shares together and of all downloads together; null for none. */
  sendBytesPerSecond: number | null;
  receiveBytesPerSecond: number | null;
}

export interface HistoryEntry {
  id: number;
  kind: "sent" | "received";
  /** The only name at the top, or null for several. */
  title: string | null;
  files: number;
  bytes: number;
  /** Number of selected files and names that were not transferred: unreadable, changed or removed ones. */
  missing: number;
  /** Number of files of the ticket that the receiver did not choose. */
  notChosen: number;
  endedAt: number;
  /** The paths that were sent, or the present paths of what was received. */
  paths: readonly string[];
  /** Whether they still exist. */
  isThere: boolean;
}

export interface FolderEntry {
  name: string;
  kind: "file" | "folder";
  bytes: number;
}

/** Start points of choosing: the user's home folder, the root, a drive of Windows, or the folder for downloads. */
export type PlaceKind = "home" | "computer" | "drive" | "downloads";

export interface FolderListing {
  path: string;
  /** Null at the root. */
  parent: string | null;
  entries: readonly FolderEntry[];
  /** Whether the folder has more entries than are listed. */
  isCut: boolean;
  places: readonly { kind: PlaceKind; path: string }[];
}
