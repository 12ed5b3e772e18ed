// The interface of the engine to a disk. The room `disk` implements it on the real one, tests in memory; ports.ts
// exports it with the others. No code here.

import type { PliError } from "./errors.ts";

/** The kind of an entry; `other` is a FIFO, a socket or a device. */
export type FileKind = "file" | "folder" | "symlink" | "other";

/** The status of a file or folder. Times are in milliseconds since 1970. */
export interface FileStatus {
  /** What it is. */
  kind: FileKind;
  /** Its size, as the system gives it. */
  sizeBytes: number;
  /** Time of the last change of its content. */
  modifiedMs: number;
  /** Time of the last change of its content, name or mode, in whole seconds. */
  changedMs: number;
  /** Identifies the file on its volume; see `device`. */
  inode: number;
  /** The volume that it is on. */
  device: number;
  /** Number of hard links. */
  links: number;
}

/** The access to a folder, by its open descriptor. */
export interface FolderAccess {
  /** The status of the folder itself. */
  status: FileStatus;
  /** Whether its owner is the user of this process. */
  isOwn: boolean;
  /** Whether other users, administrators aside, can neither list it nor enter it. */
  isClosed: boolean;
  /** False if the system could not be queried: then the two above are false. */
  isKnown: boolean;
}

/** Identifies a file or folder on this computer. */
export type FileIdentity = Pick<FileStatus, "inode" | "device">;

/**
 * How a file is opened, never through a symlink in its last part, never waiting for the other end of a FIFO: `read` an
 * existing file, `create` a new one (an existing name is refused), `update` an existing one.
 */
export type OpenMode = "read" | "create" | "update";

/** A file that is created in one call. */
export interface NewFile {
  /** Its path, which must not exist. */
  path: string;
  /** All of its content. */
  bytes: Uint8Array;
}

/**
 * The outcome for one path of an operation on many. An error is returned in its place, so that no other outcome is
 * lost.
 */
export type PathOutcome = FileStatus | null | PliError;

/** The result of reading a whole file. */
export interface ReadFile {
  /** Its status when it was read. */
  status: FileStatus;
  /** Its content; null when it is too large. See {@link Disk.readFiles}. */
  bytes: Uint8Array | null;
}

/** The result for one of several whole files, null or an error in its place. */
export type ReadOutcome = ReadFile | null | PliError;

/** Errors are PliErrors `disk_*`. Outcomes that callers decide on are results, not errors. */
export interface Disk {
  /** Null when nothing has this name. Symlinks are not followed. */
  status(path: string): Promise<FileStatus | null>;
  /** The results of `status` for many paths, at a small cost for each. */
  statuses(paths: readonly string[]): Promise<PathOutcome[]>;
  /**
   * The path with every symlink resolved; null when it leads to no name. Throws `path_not_unicode` for a name that
   * is not UTF-8.
   */
  realPath(path: string): Promise<string | null>;
  /** The status of a path's target, with symlinks followed; null if there is none, or in a loop of symlinks. */
  statusBehind(path: string): Promise<FileStatus | null>;
  /** The names in a folder, in no order. One with bytes that are not UTF-8 has U+FFFD in their place. */
  list(path: string): Promise<string[]>;
  /** Null when there is no such file (`read`, `update`), or the name is taken (`create`). */
  open(path: string, mode: OpenMode): Promise<DiskFile | null>;
  /**
   * Reads small files, opened as by `open` with `read`, at a small cost for each; null if there is no such file. The
   * bytes are null if there are more than `maximumBytes`, fewer than the size if the file was truncated meanwhile, and
   * one byte if the file has content though its size is 0.
   */
  readFiles(paths: readonly string[], maximumBytes: number): Promise<ReadOutcome[]>;
  /**
   * Creates a folder; false if the name is taken. A missing parent is an error. With `isPrivate` only this user can
   * enter it, where the system supports that.
   */
  makeFolder(path: string, isPrivate?: boolean): Promise<boolean>;
  /**
   * Creates many folders: the status of each, null where the name was taken. After an error no further one is begun,
   * and the error is the outcome of each of these.
   */
  createFolders(paths: readonly string[]): Promise<PathOutcome[]>;
  /**
   * Creates many small files as `open` with `create` does, with their bytes, which must not change until it resolves:
   * the status of each, null where the name was taken. After an error no further one is begun, and the error is the
   * outcome of each of these. A file that could not be written completely is removed. Nothing is flushed.
   */
  createFiles(files: readonly NewFile[]): Promise<PathOutcome[]>;
  /**
   * The access to a folder; null if the path does not exist or is no folder. A folder that was just created (`isNew`)
   * is reported as own and closed where the query takes long (Windows).
   */
  folderAccess(path: string, isNew?: boolean): Promise<FolderAccess | null>;
  /**
   * Creates a hard link; false if the name is taken, null if the volume has no hard links. Throws `disk_other_volume`
   * when the name is on another volume. With `within`, the identity of the folder of `existing`, the link is created
   * through a descriptor of that folder where the system supports it: `destination_changed` when its path leads to
   * another folder.
   */
  link(existing: string, name: string, within?: FileIdentity): Promise<boolean | null>;
  /**
   * Renames and replaces a file of the new name; false if that is a folder that is not empty. Throws
   * `disk_other_volume` as `link` does; `within` as there.
   */
  rename(from: string, to: string, within?: FileIdentity): Promise<boolean>;
  /** Removes a file or an empty folder. A missing one is no error. */
  remove(path: string): Promise<void>;
  /** Removes a folder with its content, without following symlinks. A missing one is no error. */
  removeTree(path: string): Promise<void>;
  /** Flushes a folder's entries to the device, where the system supports that. */
  syncFolder(path: string): Promise<void>;
  /** Flushes the volume of a path in one call; false if the system has no such call. */
  syncVolume(path: string): Promise<boolean>;
  /** The room for this user on the volume of a path; null if it is unknown. */
  room(path: string): Promise<VolumeRoom | null>;
  /**
   * Locks a file for this process and creates it if it is missing; null when another process, or this one, holds the
   * lock. The lock ends with the process.
   */
  lock(path: string): Promise<DiskLock | null>;
}

/** The room on a volume. */
export interface VolumeRoom {
  /** Bytes that this user can still write. */
  freeBytes: number;
  /** Files and folders that can still be created; null if the volume has no such number. */
  freeInodes: number | null;
  /** A file occupies a multiple of this, and a folder occupies it once; 0 if sizes are not rounded. */
  blockBytes: number;
  /** Maximum size of a file; null if it is unknown. */
  largestFileBytes: number | null;
}

/** A held lock. It ends with the process at the latest. */
export interface DiskLock {
  /** Releases the lock. */
  release(): void;
}

/** An open file. Concurrent calls are permitted. */
export interface DiskFile {
  /** Its status when it was opened, which saves a query; null for a file that was created then. */
  readonly opened: FileStatus | null;
  /** Its status now. */
  status(): Promise<FileStatus>;
  /** Reads at a position. Fewer bytes than requested mean the end of the file. */
  readAt(buffer: Uint8Array, offsetBytes: number): Promise<number>;
  /** Writes all of the bytes at a position. */
  writeAt(bytes: Uint8Array, offsetBytes: number): Promise<void>;
  /** Flushes data and length to the device. */
  sync(): Promise<void>;
  /** Closes the file. Unflushed writes stay in the system's cache. */
  close(): Promise<void>;
}
