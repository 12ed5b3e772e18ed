// What the engine needs from outside, as interfaces: hashing, network, disk, time, and a memory of hashes. The
// rooms `blake3`, `net`, `disk` and `app` implement them for the real world, tests in memory. No code here.

import type { PliError } from "./errors.ts";

/** BLAKE3 as verified streaming needs it: values of subtrees, not only of whole blobs. */
export interface Hasher {
  /**
   * Value of one subtree of at most 1 MiB whose first chunk has number `firstChunk`: its chaining value or,
   * with `isRoot`, the hash of the blob that it is. No bytes are the one empty chunk. 32 fresh bytes.
   */
  leaf(bytes: Uint8Array, firstChunk: number, isRoot: boolean): Uint8Array;
  /** Value of the parent of two 32-byte values. */
  parent(left: Uint8Array, right: Uint8Array, isRoot: boolean): Uint8Array;
  /**
   * Values of the parents of the consecutive pairs of a level of at least two 32-byte values, an odd last one
   * carried up as it is. `isRoot` is for a level of exactly two, whose parent is the root.
   */
  parents(level: Uint8Array, isRoot: boolean): Uint8Array;
  /**
   * Value of one subtree, as `leaf` has it. Writes into `pairs` the two values, 64 bytes, of each of its
   * parents above its 16 KiB groups, in pre-order, as they travel; its length is one pair less than groups.
   */
  subtree(bytes: Uint8Array, firstChunk: number, isRoot: boolean, pairs: Uint8Array): Uint8Array;
  /**
   * Chaining values of the consecutive 1 MiB blocks of `bytes` (the last may be short); `firstChunk` is a
   * multiple of 1,024. Done when it returns, on as many threads as the backend has.
   */
  hashBlocks(bytes: Uint8Array, firstChunk: number): Uint8Array;
}

/** Time, so that tests can make it pass. */
export interface Clock {
  /** Milliseconds on a clock that never goes back. */
  nowMs(): number;
  /** Milliseconds since 1970 on the system's clock, which may be set: for comparing with times of files. */
  epochMs(): number;
  /** Resolves after `delayMs`, or rejects with `cancelled` when the signal is aborted. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
  /** Calls `wake` once after `delayMs`, unless what it returns is called before: cheap enough for every read. */
  timer(delayMs: number, wake: () => void): () => void;
}

// --- network -------------------------------------------------------------------------------------------

/** Which relay servers an endpoint uses: the public ones of n0, none, or the one at a URL. */
export type RelayChoice = "default" | "disabled" | { url: string };

/** Where an endpoint can be reached. `directAddresses` are `ip:port`, IPv6 in brackets. */
export interface EndpointAddress {
  id: Uint8Array;
  relayUrl: string | null;
  directAddresses: string[];
}

export interface EndpointOptions {
  /** 32 bytes: the endpoint's identity. */
  secretKey: Uint8Array;
  relay: RelayChoice;
  /** `ip:port` to bind to, one of each family at most; of a family that is not given any free port. */
  bindAddresses?: readonly string[];
  /**
   * What is asked of n0's service: nothing, where other ids are, or that and to tell others where this one is.
   * The stock binding cannot ask without telling.
   */
  lookup: "none" | "resolve" | "publish";
  /** What to do with an incoming connection, by its ALPN. */
  accept: ReadonlyMap<string, (connection: Connection) => Promise<void>>;
}

export type BindEndpoint = (options: EndpointOptions) => Promise<Endpoint>;

export interface Endpoint {
  readonly id: Uint8Array;
  /** Waits until a relay is connected; false when that took longer than `timeoutMs`. */
  reachRelay(timeoutMs: number): Promise<boolean>;
  /** Where this endpoint can be reached, as far as it knows now. Loopback included. */
  address(): EndpointAddress;
  /** What it is bound to: `ip:port` of each socket. */
  readonly sockets: readonly string[];
  /** Connects for one protocol. Throws `peer_unreachable`, or `cancelled`. */
  connect(to: EndpointAddress, alpn: string, signal?: AbortSignal): Promise<Connection>;
  /** Closes every connection and frees the socket. */
  close(): Promise<void>;
}

/** The path that a connection uses now. `address` is `ip:port`, or the relay's URL. */
export interface NetworkPath {
  kind: "direct" | "relay";
  address: string;
  rttMs: number;
}

export interface Connection {
  readonly remoteId: Uint8Array;
  openBi(): Promise<BiStream>;
  /** The next stream that the other side opens; null when the connection is closed. */
  acceptBi(): Promise<BiStream | null>;
  path(): NetworkPath | null;
  /** Closes at once; what was not delivered yet is lost. */
  close(applicationCode: number): void;
  /** Resolves when the connection is closed, by whomever. Never rejects. */
  readonly closed: Promise<void>;
}

export interface BiStream {
  send: SendStream;
  receive: ReceiveStream;
}

/** Errors of both directions: `stream_reset` with the peer's code, `connection_lost`. */
export interface SendStream {
  /** Writes all parts, in order. They must not change until it resolves: then the stream has taken them. */
  write(parts: readonly Uint8Array[]): Promise<void>;
  /** How many bytes the stream has ever taken: tells a slow stream from one that stands still. */
  readonly takenBytes: number;
  /** Ends the stream: everything has been written. */
  finish(): Promise<void>;
  /** Abandons the stream with a code. */
  reset(code: number): void;
  /**
   * After `finish`: resolves when the other side has everything (null) or has stopped reading (its code).
   * Rejects with `connection_lost`.
   */
  stopped(): Promise<number | null>;
}

export interface ReceiveStream {
  /**
   * Resolves when at least `count` bytes wait here to be taken, or all that will ever come: with how many
   * wait. More than `count` may, by a few packets: a small number keeps memory small.
   */
  ready(count: number): Promise<number>;
  /** Fills the arrays, one after the other, with bytes that wait. Throws RangeError when fewer do. */
  take(into: readonly Uint8Array[]): void;
  /** How many bytes ever came: tells a slow stream from one that stands still. */
  readonly receivedBytes: number;
  /** Tells the other side to stop sending. */
  stop(code: number): void;
}

// --- disk ----------------------------------------------------------------------------------------------

export type FileKind = "file" | "folder" | "symlink" | "other";

export interface FileStatus {
  kind: FileKind;
  sizeBytes: number;
  modifiedMs: number;
  changedMs: number;
  /** Names the file on its volume, with `device`. */
  inode: number;
  device: number;
  /** How many names the file has. */
  links: number;
}

/**
 * How a file is opened, never through a symlink in its last part, never waiting for the other end of a FIFO:
 * `read` an existing file, `create` a new one (an existing name is refused), `update` an existing one.
 */
export type OpenMode = "read" | "create" | "update";

/** A file that is made in one go: its name, and all of its bytes. */
export interface NewFile {
  path: string;
  bytes: Uint8Array;
}

/** What an operation on many paths tells of one of them. A fault stands in its place, so no other is lost. */
export type PathOutcome = FileStatus | null | PliError;

/** What reading a whole file gives. */
export interface ReadFile {
  status: FileStatus;
  bytes: Uint8Array | null;
}

/** What reading one whole file of several gives: null or a fault stands in its place. */
export type ReadOutcome = ReadFile | null | PliError;

/** Faults are PliErrors `disk_*`; the ones that callers decide on are told apart by the methods' results. */
export interface Disk {
  /** Null when nothing has this name. Symlinks are not followed. */
  status(path: string): Promise<FileStatus | null>;
  /** What `status` says of each path, at little cost for each. */
  statuses(paths: readonly string[]): Promise<PathOutcome[]>;
  /** The path with every symlink resolved; null when it leads nowhere. */
  realPath(path: string): Promise<string | null>;
  /** The names in a folder, in no order. */
  list(path: string): Promise<string[]>;
  /** Null when there is no such file (`read`, `update`), or the name is taken (`create`). */
  open(path: string, mode: OpenMode): Promise<DiskFile | null>;
  /**
   * Small files, opened as by `open` to read, at little cost for each; null when there is no such file. The bytes are
   * null of one that has more than `maximumBytes`, and fewer than its size when somebody cut it meanwhile.
   */
  readFiles(paths: readonly string[], maximumBytes: number): Promise<ReadOutcome[]>;
  /**
   * False when the name is taken. Missing folders above are a fault. With `isPrivate` only this user can
   * enter it, where the system has such a thing.
   */
  makeFolder(path: string, isPrivate?: boolean): Promise<boolean>;
  /**
   * Makes many folders: the status of what has the name then, null where it was taken. After a fault no
   * further one is begun, and the fault stands for it.
   */
  createFolders(paths: readonly string[]): Promise<PathOutcome[]>;
  /**
   * Makes many small files as `open` with `create` does, with all of their bytes, which must not change until
   * it resolves: the status of each, null where the name was taken. After a fault no further one is begun, and
   * the fault stands for it; one that could not be written whole is removed again. Nothing is flushed.
   */
  createFiles(files: readonly NewFile[]): Promise<PathOutcome[]>;
  /** Gives a file a second name; false when that name is taken, null when the volume has no links. */
  link(existing: string, name: string): Promise<boolean | null>;
  /** Renames, replacing a file that has the new name; false when a folder that is not empty has it. */
  rename(from: string, to: string): Promise<boolean>;
  /** Removes a file or an empty folder; a missing one is no fault. */
  remove(path: string): Promise<void>;
  /** Removes a folder with all that is in it, following no symlink; a missing one is no fault. */
  removeTree(path: string): Promise<void>;
  /** Flushes a folder's entries to the device, where the system can do that. */
  syncFolder(path: string): Promise<void>;
  /** Flushes all of the volume that holds a path in one call; false where the system has no such call. */
  syncVolume(path: string): Promise<boolean>;
  /** How much this user can still write to the volume that holds a path; null where that cannot be told. */
  freeBytes(path: string): Promise<number | null>;
  /**
   * Locks a file, made when missing, for this process; null when another process, or this one, holds the
   * lock. The lock ends with the process.
   */
  lock(path: string): Promise<DiskLock | null>;
}

export interface DiskLock {
  release(): void;
}

export interface DiskFile {
  /** What it was when it was opened; null for one that was made then. Saves asking again. */
  readonly opened: FileStatus | null;
  status(): Promise<FileStatus>;
  /** Reads at a position; fewer bytes than asked only at the end of the file. */
  readAt(buffer: Uint8Array, offsetBytes: number): Promise<number>;
  /** Writes all of the bytes at a position. */
  writeAt(bytes: Uint8Array, offsetBytes: number): Promise<void>;
  /** Flushes data and length to the device. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

// --- memory of hashes ----------------------------------------------------------------------------------

/** What hashing a file gives: all that serving it needs besides the file. */
export interface FileValues {
  /** The value of each of its blocks, 32 bytes each. */
  units: Uint8Array;
  /** The left siblings on the way to the last group, 32 bytes each. */
  edge: Uint8Array;
}

/** A file as it was on the disk: the BLAKE3 of its path, and what a change of its content would change. */
export interface HashKey
  extends Readonly<Pick<FileStatus, "sizeBytes" | "modifiedMs" | "changedMs" | "inode" | "device">> {
  readonly path: Uint8Array;
}

/**
 * Values of files that were hashed before, by all of their key. It throws nothing: one that does not work
 * knows nothing. What it gives is checked by its user, and again while the file is served.
 */
export interface HashCache {
  /** In the order of the keys; null for what is not known. */
  find(keys: readonly HashKey[]): (FileValues | null)[];
  /** Remembers files, in the place of what was known of their paths. */
  keep(entries: readonly { key: HashKey; values: FileValues }[]): void;
  /** Forgets what is known of these paths, said as in a key. */
  forget(paths: readonly Uint8Array[]): void;
}
