// The interfaces of the engine to the outside: hashing, network, disk, time, and a cache of hashes. The rooms
// `blake3`, `net`, `disk` and `app` implement them, and tests implement them in memory. No code here.

import type { FileStatus } from "./disk_port.ts";
import type { PliError } from "./errors.ts";
import type { Logger } from "./logger.ts";

export type * from "./disk_port.ts";

/** BLAKE3 for verified streaming: values of subtrees, not only of whole blobs. */
export interface Hasher {
  /**
   * The value of one subtree of at most 1 MiB whose first chunk has number `firstChunk`: its chaining value or, with
   * `isRoot`, the hash of the blob. Without bytes it is that of the empty chunk. Returns 32 new bytes.
   */
  leaf(bytes: Uint8Array, firstChunk: number, isRoot: boolean): Uint8Array;
  /** Value of the parent of two 32-byte values. */
  parent(left: Uint8Array, right: Uint8Array, isRoot: boolean): Uint8Array;
  /**
   * The values of the parents of the consecutive pairs of a level of at least two 32-byte values; an odd last one is
   * carried up unchanged. `isRoot` is for a level of exactly two, whose parent is the root.
   */
  parents(level: Uint8Array, isRoot: boolean): Uint8Array;
  /**
   * The value of one subtree, as of `leaf`. Writes into `pairs` the hash pair, 64 bytes, of each of its parents above
   * its chunk groups, in pre-order as on the wire; there is one pair fewer than groups.
   */
  subtree(bytes: Uint8Array, firstChunk: number, isRoot: boolean, pairs: Uint8Array): Uint8Array;
  /**
   * Chaining values of the consecutive 1 MiB blocks of `bytes` (the last may be short); `firstChunk` is a multiple of
   * 1,024. Synchronous, on as many threads as the backend has.
   */
  hashBlocks(bytes: Uint8Array, firstChunk: number): Uint8Array;
}

/** Time, which tests control. */
export interface Clock {
  /** Milliseconds on a clock that never goes back. */
  nowMs(): number;
  /** Milliseconds since 1970 on the system's clock, which may be adjusted: for comparison with times of files. */
  epochMs(): number;
  /** Resolves after `delayMs`, or rejects with `cancelled` when the signal is aborted. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
  /** Calls `wake` once after `delayMs`, unless the returned function is called before. Cheap enough for every read. */
  timer(delayMs: number, wake: () => void): () => void;
}

// --- network -------------------------------------------------------------------------------------------

/** Which relay servers an endpoint uses: the public ones of n0, none, or the one at a URL. */
export type RelayChoice = "default" | "disabled" | { url: string };

/** How an endpoint can be reached. `directAddresses` are `ip:port`, IPv6 in brackets. */
export interface EndpointAddress {
  /** 32 bytes: its public key. */
  id: Uint8Array;
  /** The URL of its relay; null without one. */
  relayUrl: string | null;
  /** Its socket addresses. */
  directAddresses: string[];
}

/** Options of an endpoint. */
export interface EndpointOptions {
  /** 32 bytes: the endpoint's identity. */
  secretKey: Uint8Array;
  /** Which relay servers it uses. */
  relay: RelayChoice;
  /** Certificate authorities of relays besides the public ones, in DER. */
  trustedCertificates?: readonly Uint8Array[];
  /** A folder in which each connection writes a qlog file. */
  qlogFolder?: string;
  /** `ip:port` to bind to, at most one of each family. Of a family without one any free port is bound. */
  bindAddresses?: readonly string[];
  /**
   * Use of n0's lookup service: none, resolving other ids, or also publishing this one. The stock binding cannot
   * resolve without publishing.
   */
  lookup: "none" | "resolve" | "publish";
  /** The handlers of incoming connections, by ALPN. */
  accept: ReadonlyMap<string, (connection: Connection) => Promise<void>>;
  /** Called once if the endpoint can accept no further connection although it is open, with `internal`. */
  onAcceptFailed?: (error: PliError) => void;
}

/** Timeouts of the wait for a relay, in milliseconds; Infinity is for ever. */
export interface RelayTimeouts {
  /**
   * Applies while nothing shows that a relay exists: its name does not resolve, or its address refuses or is silent.
   */
  silentMs: number;
  /** Applies once something shows that. */
  answeringMs: number;
}

/** Binds an endpoint to its sockets. Throws `bind_failed`. */
export type BindEndpoint = (options: EndpointOptions) => Promise<Endpoint>;

/** An endpoint of connections, with an identity and sockets of its own. */
export interface Endpoint {
  /** 32 bytes: its public key. */
  readonly id: Uint8Array;
  /** Waits until a relay is connected; false after the timeout. */
  reachRelay(timeouts: RelayTimeouts): Promise<boolean>;
  /** How this endpoint can be reached, as far as it is known now. Loopback included. */
  address(): EndpointAddress;
  /** `ip:port` of each of its sockets. */
  readonly sockets: readonly string[];
  /** Connects for one protocol. Throws `peer_unreachable`, or `cancelled`. */
  connect(to: EndpointAddress, alpn: string, signal?: AbortSignal): Promise<Connection>;
  /** Closes every connection and the sockets. */
  close(): Promise<void>;
}

/** The present path of a connection. `address` is `ip:port`, or the relay's URL. */
export interface NetworkPath {
  /** Whether packets are sent directly to the peer or over a relay. */
  kind: "direct" | "relay";
  /** The destination of the packets. */
  address: string;
  /** The round-trip time. */
  rttMs: number;
}

/** A connection to a peer, authenticated by the endpoint ids of both. */
export interface Connection {
  /** Writes lines with the number of the connection; absent where nothing is logged. */
  readonly log?: Logger;
  /** 32 bytes: the public key of the peer. */
  readonly remoteId: Uint8Array;
  /** Opens a bidirectional stream. The peer sees it with its first bytes. */
  openBi(): Promise<BiStream>;
  /** The next stream that the peer opens; null when the connection is closed. */
  acceptBi(): Promise<BiStream | null>;
  /** The path in use; null while there is none. */
  path(): NetworkPath | null;
  /** The written bytes of its streams that are kept. */
  backlog(): Backlog;
  /** Closes at once. Undelivered data is lost. */
  close(applicationCode: number): void;
  /** Resolves when the connection is closed by either side. Never rejects. */
  readonly closed: Promise<void>;
}

/**
 * Written bytes that are kept in memory until the peer has acknowledged everything up to them, or their stream or
 * connection has ended. An estimate if the binding does not report them.
 */
export interface Backlog {
  /** Bytes that are kept now. */
  heldBytes: number;
  /** Bytes that were kept and are released. */
  releasedBytes: number;
}

/** A bidirectional stream. */
export interface BiStream {
  /** Writes lines with the numbers of the connection and the stream; absent where nothing is logged. */
  readonly log?: Logger;
  /** The direction to the peer. */
  send: SendStream;
  /** The direction from the peer. */
  receive: ReceiveStream;
}

/** Errors of both directions: `stream_reset` with the peer's code, `connection_lost`. */
export interface SendStream {
  /** Writes all parts, in order. They must not change until it resolves, when the stream has taken them. */
  write(parts: readonly Uint8Array[]): Promise<void>;
  /** Bytes that the stream has taken so far, which distinguishes a slow stream from a stalled one. */
  readonly takenBytes: number;
  /** Ends the stream: everything has been written. */
  finish(): Promise<void>;
  /** Abandons the stream with a code. */
  reset(code: number): void;
  /**
   * After `finish`: resolves to null when the peer has acknowledged everything, or to the code with which it stopped
   * reading. Rejects with `connection_lost`.
   */
  stopped(): Promise<number | null>;
}

/** The direction from the peer. Errors: `stream_reset` with the peer's code, `connection_lost`. */
export interface ReceiveStream {
  /**
   * Resolves when at least `count` bytes are buffered, or when no more will arrive, to the number of buffered bytes.
   * That may exceed `count` by a few packets, so a small `count` keeps memory small.
   */
  ready(count: number): Promise<number>;
  /** Fills the arrays in order with buffered bytes. Throws RangeError if fewer are buffered. */
  take(into: readonly Uint8Array[]): void;
  /** Bytes received so far, which distinguishes a slow stream from a stalled one. */
  readonly receivedBytes: number;
  /** Asks the peer to stop sending. */
  stop(code: number): void;
}

// --- hash cache ----------------------------------------------------------------------------------------

/** The result of hashing a file: everything that serving it needs besides the file. */
export interface FileValues {
  /** The chaining value of each of its blocks, 32 bytes each; of a file of one block its hash. */
  blockValues: Uint8Array;
  /** The left siblings on the path to the last chunk group, 32 bytes each. They prove the size. */
  sizeProof: Uint8Array;
}

/** The key of a file: the BLAKE3 of its path, and the fields of its status that a change of its content changes. */
export interface HashKey
  extends Readonly<Pick<FileStatus, "sizeBytes" | "modifiedMs" | "changedMs" | "inode" | "device">> {
  /** The BLAKE3 of its path. */
  readonly path: Uint8Array;
}

/**
 * A cache of file hashes, looked up by the complete key. It never throws; one that does not work finds nothing.
 * Results are validated by the caller, and verified while the file is served.
 */
export interface HashCache {
  /** The values in the order of the keys; null if there is no entry. */
  find(keys: readonly HashKey[]): (FileValues | null)[];
  /** Stores entries, replacing those of the same paths. */
  keep(entries: readonly { key: HashKey; values: FileValues }[]): void;
  /** Deletes the entries of these paths, given as in a key. */
  forget(paths: readonly Uint8Array[]): void;
}
