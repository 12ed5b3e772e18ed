// Options and results of the engine's calls (mod.ts).

import type { FetchedAmounts, OfferedFile, OnEvent } from "./events.ts";
import type { Listed } from "./listed.ts";
import type { Logger } from "./logger.ts";
import type { BindEndpoint, Clock, Disk, HashCache, Hasher, RelayChoice } from "./ports.ts";

/** The ports of an engine, from `main.ts`, a library's user or a test. */
export interface Ports {
  /** The network. */
  bind: BindEndpoint;
  /** BLAKE3. */
  hasher: Hasher;
  /** The file system. */
  disk: Disk;
  /** Time. */
  clock: Clock;
  /** The hash cache; none if undefined. */
  hashes?: HashCache;
  /** Called with exceptions of listeners and of the logger; they are dropped if undefined. */
  onListenerError?: (error: unknown) => void;
  /** The log of the transfers; none if undefined. */
  logger?: Logger;
}

/** A parsed ticket: what it names, who provides it, and how the provider is reached. */
export interface Ticket {
  /** 32 bytes: the provider's id. */
  endpointId: Uint8Array;
  /** The URL of the provider's relay; null without one. */
  relayUrl: string | null;
  /** `ip:port`. */
  addresses: string[];
  /** `raw`: one blob without a name. `hash_sequence`: a collection of named files. */
  format: "raw" | "hash_sequence";
  /** 32 bytes: the BLAKE3 hash of the blob or of the collection. */
  hash: Uint8Array;
}

/** Every {@link TicketKind}. */
export const TICKET_KINDS = ["auto", "relay", "id", "addresses", "all"] as const;

/**
 * The content of a ticket besides the provider's id. `relay`: its relay, for which the share waits. `auto`: its relay
 * or, if none is reached soon, its socket addresses. `id`: nothing; receivers query n0's lookup service. `addresses`:
 * its socket addresses. `all`: relay and addresses.
 */
export type TicketKind = typeof TICKET_KINDS[number];

/** Options of every call that uses the network. */
export interface NetworkOptions {
  /** 32 bytes: the identity of this endpoint. */
  secretKey: Uint8Array;
  /** Which relay servers are used. */
  relay: RelayChoice;
  /** `ip:port`; any free port if undefined. */
  bindAddress?: string;
  /** Called with each event. */
  onEvent: OnEvent;
  /** Aborting it cancels the call, which throws `cancelled`. */
  signal?: AbortSignal;
}

/**
 * A rate limit of file data, for all shares or downloads that get the same object; see `RateLimit`. Names and sizes
 * are not limited.
 */
export interface SpeedLimit {
  /** Null means no limit. */
  readonly bytesPerSecond: number | null;
  /** Maximum number of bytes to move at once: Infinity without a limit. */
  readonly pieceBytes: number;
  /** Takes the next bytes; returns the milliseconds to wait before they are moved. */
  take(bytes: number, nowMs: number): number;
}

/** Options of a share. */
export interface ShareOptions extends NetworkOptions {
  /** Absolute paths of files and folders. */
  paths: readonly string[];
  /** The content of the ticket. */
  ticketKind: TicketKind;
  /** Sockets to bind if they are free and there is no `bindAddress`, so that an earlier ticket stays valid. */
  earlierSockets?: readonly string[];
  /**
   * The holder when this share was closed before its end, and the hash of its collection then, in hex. If the hash is
   * unchanged, the claim continues.
   */
  earlierHolder?: ClaimHolder & { hash: string };
  /** Serves any number of receivers until it is closed, instead of one receiver once. */
  keep: boolean;
  /** Whether a file or folder is excluded, by its name in the share (parts separated by `/`). */
  exclude?: (name: string) => boolean;
  /**
   * Whether AltSendMe's preview, which needs only the endpoint id and no ticket, contains the names. Otherwise it
   * contains their count and their total size.
   */
  previewNames?: boolean;
  /**
   * Whether given paths that exist and cannot be sent are `skipped`, like those below a folder, instead of being an
   * error.
   */
  skipUnreadable?: boolean;
  /** Rate limit of all receivers together. */
  limit?: SpeedLimit;
}

/** The receiver that has claimed a share. */
export interface ClaimHolder {
  /** Its endpoint id, in hex. */
  id: string;
  /** Whether it has shown that it is a pli. */
  isPli: boolean;
}

/**
 * How a single-use share ended. `sent`: a peer without receipts has taken every byte. `partial`: the receiver has
 * everything except lost files. `spoiled`: lost files prevented any delivery.
 */
export type ShareEnd = "delivered" | "sent" | "partial" | "spoiled";

/** A share that is being served. */
export interface Share {
  /** The ticket, for the receiver. */
  readonly ticket: string;
  /** The hash of its collection. */
  readonly hash: Uint8Array;
  /** Number of its files. */
  readonly files: number;
  /** Their total size. */
  readonly bytes: number;
  /** `ip:port` of each socket of its endpoint. */
  readonly sockets: readonly string[];
  /**
   * Resolves when a single-use share has ended; never for a kept one. Rejects with `internal` if its endpoint can accept
   * no further connection.
   */
  readonly ended: Promise<ShareEnd>;
  /** Waits a moment for receivers to close, then closes everything. */
  close(): Promise<void>;
}

/** Every {@link ExistingPolicy}. */
export const EXISTING_POLICIES = ["merge", "overwrite", "rename", "skip"] as const;

/**
 * The handling of names that are taken. `merge`: folders are merged, a file with equal content is skipped, another one
 * gets a number. `overwrite`: as merge, but files are replaced. `rename`: the file or folder at the top gets a number.
 * `skip`: as merge, but existing files are kept without a comparison.
 */
export type ExistingPolicy = typeof EXISTING_POLICIES[number];

/** The reason for which a part of an offer needs consent. */
export type ConsentReason = Consent["reason"];

/**
 * A part of an offer that needs consent. `dot_file`: the files that one dot name hides, at all of its `places`; `name`
 * is the place nearest to the top.
 */
export type Consent =
  | { reason: "dot_file"; name: string; places: number; files: number }
  | { reason: "overwrite"; name: string }
  | RoomConsent;

/** The volume of the destination, which is `name`, has too little room for the missing data now. */
export type RoomConsent =
  | { reason: "space_short"; name: string; neededBytes: number; freeBytes: number }
  | { reason: "inodes_short"; name: string; needed: number; free: number };

/** The content of a ticket, verified up to the sizes. */
export interface Offer {
  /** The files, in the order of the collection. */
  files: Listed<OfferedFile>;
  /** Their total size. */
  bytes: number;
  /** Number of distinct folders. */
  folders: number;
  /** Number of names at the top. */
  tops: number;
  /** Number of files that are hidden or in hidden folders, at any depth. */
  hiddenFiles: number;
  /** Parts that need consent; at most 1,000 dot names, those nearest to the top. */
  consents: readonly Consent[];
  /** The destination; absent if nothing is to be received, or if the bytes go to a function. */
  place?: Place;
}

/** A folder, and the name of a share's only file in it; null if its own names are kept. */
export interface Place {
  /** The path of the folder. */
  folder: string;
  /** The name of the only file. */
  name: string | null;
}

/**
 * The destination of a download: a folder, or a function that gets one file's bytes in order. With `name` a share of
 * one file gets this name in the folder, and a share of several files a folder of this name.
 */
export type Destination =
  | { kind: "folder"; folder: string; name?: string; existing: ExistingPolicy }
  | { kind: "bytes"; write: (bytes: Uint8Array) => Promise<void> };

/** Time limits without a connection; Infinity is for ever, and 0 is a single attempt. */
export interface WaitLimits {
  /** Before the first contact; 30 s if undefined. */
  firstMs: number;
  /** After each loss of the connection; for ever if undefined. At most `firstMs` before any data has arrived. */
  laterMs: number;
}

/** Options of a download. */
export interface FetchOptions extends NetworkOptions {
  /** The ticket, from `parseTicket`. */
  ticket: Ticket;
  /** Time limits without a connection. */
  waitLimits?: Partial<WaitLimits>;
  /** The destination of the data. */
  destination: Destination;
  /** Chooses files by their names in the share; all if undefined. */
  only?: (name: string) => boolean;
  /** Rate limit of the received data. */
  limit?: SpeedLimit;
  /** Called once, before anything is written or created; if it resolves to false, `declined` is thrown. */
  decide: (offer: Offer) => Promise<boolean>;
  /**
   * Called before the first byte, with functions that return how much of a file of the offer is present, and how much
   * of the download a later run can reuse if this one ends now.
   */
  onBegun?: (doneBytesOf: (index: number) => number, reusableBytes: () => number) => void;
}

/** The result of a download. */
export interface Fetched extends FetchedAmounts {
  /** The published names in the destination folder. */
  names: readonly string[];
  /** The files that the provider could not send any more; their size is 0 if it was never proved. */
  lost: readonly OfferedFile[];
}

/** Options of an inspection. */
export interface InspectOptions extends NetworkOptions {
  /** The ticket, from `parseTicket`. */
  ticket: Ticket;
  /** Time limits without a connection. */
  waitLimits?: Partial<WaitLimits>;
}

/** Options for discarding an interrupted download. */
export interface DiscardOptions {
  /** The ticket of the download. */
  ticket: Ticket;
  /** Its destination. */
  folder: string;
}
