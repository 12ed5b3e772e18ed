// What both ends of a transfer tell while they work: one discriminated union that the terminal, the page,
// the JSON lines and the tests read. Plain data; byte counts are numbers, ids and hashes are hex.

import type { NetworkPath } from "./ports.ts";

/** Why a path below a source is not sent. */
export type SkipReason =
  | "symlink"
  | "special_file"
  | "unreadable"
  | "name_not_portable"
  | "empty_folder"
  /** What a pli has received so far of something else. */
  | "unfinished_download"
  | "excluded"
  | "already_there"
  | "kept_existing";

/**
 * Why nothing moves for the moment. `sender`: it has not been reached yet. `reconnecting`: the connection was
 * lost, and is tried again.
 */
export type WaitReason = "connecting" | "relay" | "sender" | "reconnecting";

/** What a receiver is doing, as the sender sees it. */
export type ReceiverState = "connected" | "receiving" | "gone";

export interface OfferedFile {
  name: string;
  bytes: number;
}

export type TransferEvent =
  | { type: "hashing"; bytes: number; total: number; files: number }
  | { type: "ticket"; ticket: string; hash: string; files: number; bytes: number; relayReached: boolean }
  | { type: "receiver"; id: string; state: ReceiverState }
  /** Whose a single-use share is from now on; told again when the receiver turns out to be a pli. */
  | { type: "claimed"; id: string; isPli: boolean }
  | ({ type: "path"; id: string } & NetworkPath)
  | { type: "manifest"; files: OfferedFile[]; bytes: number }
  /** Of a download; or of what one receiver, then named, takes from a share. */
  | { type: "progress"; bytes: number; total: number; files: number; id?: string }
  /** What an earlier run has left is hashed again before it is believed. */
  | { type: "checking"; bytes: number }
  /** More is to come than the volume has room for now. The download goes on: others may make room meanwhile. */
  | { type: "space_short"; neededBytes: number; freeBytes: number }
  | { type: "waiting"; reason: WaitReason }
  | { type: "skipped"; name: string; reason: SkipReason }
  | { type: "renamed"; from: string; to: string }
  /** A file is gone, unreadable, or no longer what its ticket says; who fetches it sees its stream end. */
  | { type: "source_changed"; name: string }
  /** A mistake of pli's ended one answer; everything else goes on. `reason` is for whoever looks for it. */
  | { type: "answer_failed"; id: string; reason: string }
  | { type: "sent" }
  | { type: "delivered"; id: string; bytes: number; files: number }
  | { type: "done"; bytes: number; files: number; seconds: number; resumedBytes: number };

export type OnEvent = (event: TransferEvent) => void;
