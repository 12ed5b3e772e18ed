// The events of a share and a download: one discriminated union for the terminal, the page, the JSON lines and the
// tests. Plain data; byte counts are numbers, ids and hashes are hex.

import type { Listed } from "./listed.ts";
import type { NetworkPath } from "./ports.ts";
import type { SkipReason } from "./skip_reason.ts";

export type { SkipReason };

/**
 * The reason of a wait. `sender`: it has not been reached yet. `reconnecting`: the connection was lost, and another
 * one is attempted.
 */
export type WaitReason = "connecting" | "relay" | "sender" | "reconnecting";

/** The reason for which a receiver is refused: another one holds the single-use share, or the share has ended. */
export type RefusalReason = "held" | "ended";

/** The state of a receiver, from the sender's side. */
export type ReceiverState = "connected" | "receiving" | "gone";

/** The reason for which a folder with the name of a staging folder is not used: its kind, its owner, or its access. */
export type StagingFault = "not_folder" | "other_owner" | "open_to_others";

/** A file of a collection, as the provider describes it. */
export interface OfferedFile {
  /** Its name in the share, with `/` between its parts. */
  name: string;
  /** Its size. */
  bytes: number;
}

/** How the ticket reaches the provider: whether a relay is connected, and the URL and the `ip:port` in the ticket. */
export interface TicketReach {
  /** A relay is connected. */
  relayReached: boolean;
  /** Relays are enabled, and none was reached in time. */
  relayMissed: boolean;
  /** The URL of the relay in the ticket; null without one. */
  relayUrl: string | null;
  /** The socket addresses in the ticket, as `ip:port`. */
  addresses: string[];
}

/** Why a received file or folder has another name: its own exists in the destination, or the volume cannot have it. */
export type RenameReason = "exists" | "unsupported";

/** One event of a share or a download. `type` is its kind; ids and hashes are hex. */
export type TransferEvent =
  | { type: "hashing"; bytes: number; total: number; files: number }
  | ({ type: "ticket"; ticket: string; hash: string; files: number; bytes: number } & TicketReach)
  | { type: "receiver"; id: string; state: ReceiverState }
  /** The new holder of a single-use share; repeated when the holder is found to be a pli. */
  | { type: "claimed"; id: string; isPli: boolean }
  /** The path to the peer `id`: at the beginning of a connection, and after each change. */
  | ({ type: "path"; id: string } & NetworkPath)
  | { type: "manifest"; files: Listed<OfferedFile>; bytes: number; folders: number; hiddenFiles: number }
  /** Of a download, or with `id` of what one receiver takes from a share. */
  | { type: "progress"; bytes: number; total: number; files: number; id?: string }
  /**
   * Seconds for which nothing has arrived, or with `id` for which one receiver has taken nothing. Ends with the next
   * progress.
   */
  | { type: "stalled"; seconds: number; id?: string }
  /** Data of an earlier run is hashed again before it is used. */
  | { type: "checking"; bytes: number }
  /** The download needs more room than the volume has now. It continues, because room may be freed meanwhile. */
  | { type: "space_short"; neededBytes: number; freeBytes: number }
  /** The same for inodes, on a volume with a fixed number of them. */
  | { type: "inodes_short"; needed: number; free: number }
  /** A folder in the destination is on another volume: its content is copied there when everything has arrived. */
  | { type: "volume_crossed"; path: string }
  /** A folder in the destination has the name of an earlier run's, and is not used. Another one is created. */
  | { type: "staging_refused"; path: string; reason: StagingFault }
  /**
   * The ticket names `count` addresses, of which only `tried` are used, because each attempt sends packets to a host.
   */
  | { type: "addresses_cut"; count: number; tried: number }
  | { type: "waiting"; reason: WaitReason }
  | { type: "skipped"; name: string; reason: SkipReason }
  /** Of a download: a file or a folder gets another name than in the share. */
  | { type: "renamed"; from: string; to: string; reason: RenameReason }
  /** A peer with the ticket was refused data. `holder` is the receiver that holds the share; null if it has ended. */
  | { type: "refused"; id: string; reason: RefusalReason; holder: string | null }
  /**
   * A file was removed, is unreadable, or differs from its hash; the stream of a receiver that requests it is reset.
   */
  | { type: "source_changed"; name: string }
  /** Of a share: none of its files can be sent any more. A kept share stays, because they may return. */
  | { type: "all_lost" }
  /** Of a download: the provider cannot send this file any more; the others continue. */
  | { type: "source_lost"; name: string }
  /** A defect of pli ended one answer; everything else continues. `reason` is for debugging. */
  | { type: "answer_failed"; id: string; reason: string }
  | { type: "sent" }
  /**
   * A receiver reports that it has these files; of their bytes those that were sent to it count. `lost`, if present,
   * are files that it requested and this side could not send any more.
   */
  | { type: "delivered"; id: string; bytes: number; files: number; lost?: readonly string[] }
  | ({ type: "done" } & FetchedAmounts);

/** The event of a type. */
export type EventOf<T extends TransferEvent["type"]> = Extract<TransferEvent, { type: T }>;

/** The received amounts of a download. */
export interface FetchedAmounts {
  /** Files that were received, in this run and earlier ones, without those that existed already. */
  files: number;
  /** The bytes of those files. */
  bytes: number;
  /** Bytes that earlier runs received. */
  resumedBytes: number;
  /** Duration of this run. */
  seconds: number;
  /** Number of files that the provider could not send any more. */
  lostFiles: number;
  /** Bytes of those in the staging folder, with which a later download of the same ticket continues. */
  keptBytes: number;
}

/** A listener for events. Its exceptions end no transfer, see {@link Ports.onListenerError}. */
export type OnEvent = (event: TransferEvent) => void;
