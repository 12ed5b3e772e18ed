// The environment of downloads and previews, which page, terminal and tests implement.

import type { Clock, Engine, FetchOptions, Ticket } from "../../engine/mod.ts";
import type { NewEntry } from "../history.ts";
import type { OnNotice } from "../notices.ts";
import type { DownloadTarget, OpenDownload } from "./open_download.ts";

/** The used members of a record that this process has locked. Disposing releases it. */
export type DownloadLease = Pick<
  OpenDownload,
  | "secretKey"
  | "hasRecord"
  | "receivedBytes"
  | "begun"
  | "hasConsent"
  | "accepted"
  | "follow"
  | "interrupted"
  | "ended"
  | "discarded"
  | typeof Symbol.dispose
>;

export interface PreviewContext {
  engine: () => Promise<Pick<Engine, "fetch" | "inspect" | "discard">>;
  /** Opens the record of a ticket. Throws `home_*`. */
  openRecord: (target: DownloadTarget) => Promise<DownloadLease>;
  /** Read for each connection attempt. */
  network: () => Pick<FetchOptions, "relay" | "bindAddress" | "waitLimits" | "limit">;
}

export interface DownloadContext extends PreviewContext {
  /** Ends the previews of a ticket. Until the result is disposed, further ones do not use its record. */
  reserve?: (ticket: Ticket) => Promise<Disposable>;
  notify: OnNotice;
  /** Adds a finished download to the history. It does not throw. */
  record: (entry: NewEntry) => void | Promise<void>;
  /** That of pli's folder; the system's where there is none. */
  clock?: Pick<Clock, "nowMs" | "epochMs">;
}
