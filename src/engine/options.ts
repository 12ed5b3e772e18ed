// What a user of the engine asks for and gets: the types of the door in mod.ts.

import type { OfferedFile, OnEvent } from "./events.ts";
import type { BindEndpoint, Clock, Disk, HashCache, Hasher, RelayChoice } from "./ports.ts";

/** The world outside, as `main.ts` or a test provides it. */
export interface Ports {
  bind: BindEndpoint;
  hasher: Hasher;
  disk: Disk;
  clock: Clock;
  /** What is remembered of files that were shared before; nothing when not given. */
  hashes?: HashCache;
}

/**
 * What a ticket tells about the way to its provider, besides its id: the relay, nothing (found through n0's
 * lookup service), socket addresses, or all of it.
 */
export type TicketKind = "relay" | "id" | "addresses" | "all";

export interface NetworkOptions {
  /** 32 bytes: the identity of this end. */
  secretKey: Uint8Array;
  relay: RelayChoice;
  /** `ip:port`; any free port when not given. */
  bindAddress?: string;
  onEvent: OnEvent;
  signal?: AbortSignal;
}

/**
 * How fast data of files may move, over all the shares or downloads that are given the same one: `RateLimit` is one.
 * Names and sizes do not wait for it.
 */
export interface SpeedLimit {
  /** Null is no limit. */
  readonly bytesPerSecond: number | null;
  /** How much may move at a time: Infinity without a limit. */
  readonly pieceBytes: number;
  /** Takes the next bytes; gives how many milliseconds to wait before they are moved. */
  take(bytes: number, nowMs: number): number;
}

export interface ShareOptions extends NetworkOptions {
  /** Absolute paths of files and folders. */
  paths: readonly string[];
  ticketKind: TicketKind;
  /** What to bind to if it is still free and no `bindAddress` is given, so that an earlier ticket stays true. */
  earlierSockets?: readonly string[];
  /**
   * Who held this share when it was closed before it had ended, and the hash of its collection then, in hex: if
   * that is the same, the claim goes on from now.
   */
  earlierHolder?: ClaimHolder & { hash: string };
  /** Serves whoever comes until it is closed, instead of one receiver once. */
  keep: boolean;
  /** Whether a file or folder is left out, by its name in the share (parts separated by `/`). */
  exclude?: (name: string) => boolean;
  /** How fast data is sent, to all receivers together. */
  limit?: SpeedLimit;
}

/** Who has claimed a share: its endpoint id in hex, and whether it has shown that it is a pli. */
export interface ClaimHolder {
  id: string;
  isPli: boolean;
}

/** How a single-use share ended. `sent`: a peer that gives no receipt has taken every byte. */
export type ShareEnd = "delivered" | "sent";

export interface Share {
  readonly ticket: string;
  /** The hash of its collection. */
  readonly hash: Uint8Array;
  readonly files: number;
  readonly bytes: number;
  /** What the endpoint is bound to: `ip:port` of each socket. */
  readonly sockets: readonly string[];
  /** Resolves when a single-use share has ended; never for a kept one. */
  readonly ended: Promise<ShareEnd>;
  /** Waits a moment for receivers to close, then ends everything. */
  close(): Promise<void>;
}

/**
 * What happens to names that are taken. `merge`: folders are merged into, a file with the same content is
 * skipped, another one gets a number. `overwrite`: as merge, but files are replaced. `rename`: the whole
 * file or folder at the top gets a number. `skip`: as merge, but existing files are kept and not compared.
 */
export type ExistingPolicy = "merge" | "overwrite" | "rename" | "skip";

/** Why an offer needs somebody's consent before it is taken. */
export type ConsentReason = "dot_file" | "overwrite";

/** What a ticket would bring, verified up to the sizes. */
export interface Offer {
  files: readonly OfferedFile[];
  bytes: number;
  consents: readonly { name: string; reason: ConsentReason }[];
}

/** Where received data goes: into a folder, or as one file's bytes, in order, to a function. */
export type Destination =
  | { kind: "folder"; folder: string; existing: ExistingPolicy }
  | { kind: "bytes"; write: (bytes: Uint8Array) => Promise<void> };

/** How long a receiver goes on trying while there is no connection; Infinity is for ever. */
export interface Patience {
  /** Before the first contact: 30 s when not given. */
  firstMs: number;
  /** After it, each time anew: for ever when not given. */
  laterMs: number;
}

export interface FetchOptions extends NetworkOptions {
  ticket: string;
  patience?: Partial<Patience>;
  destination: Destination;
  /** Takes only the files for which this is true, by their names in the share. */
  only?: (name: string) => boolean;
  /** How fast data is received. */
  limit?: SpeedLimit;
  /** Asked once, before anything is written; `declined` is thrown when it says no. */
  decide: (offer: Offer) => Promise<boolean>;
  /** Told, before the first byte comes, what says at any time how much of a file of the offer is there. */
  onBegun?: (doneBytesOf: (index: number) => number) => void;
}

export interface Fetched {
  /** What was received, in this run and the earlier ones; what was found in its place is not counted. */
  files: number;
  bytes: number;
  /** How much of that came in earlier runs. */
  resumedBytes: number;
  seconds: number;
  /** The names that stand in the destination folder now. */
  names: readonly string[];
}

export interface InspectOptions extends NetworkOptions {
  ticket: string;
  patience?: Partial<Patience>;
}

/** An interrupted download that is not wanted any more. */
export interface DiscardOptions {
  ticket: string;
  folder: string;
}
