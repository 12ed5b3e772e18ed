// The calls that the Disk port needs of a runtime: an interface, implemented by deno_platform.ts and node_platform.ts.

import type { FileStatus } from "../ports.ts";

/** The calls throw the system's errors. Those with names in `Sync` are synchronous. */
export interface Platform {
  /** Symlinks are not followed. */
  status(path: string): Promise<FileStatus>;
  statusSync(path: string): FileStatus;
  /** Symlinks are followed. */
  statusBehind(path: string): Promise<FileStatus>;
  /** The path with every symlink resolved; null if a name in it is not UTF-8. */
  realPath(path: string): Promise<string | null>;
  makeFolder(path: string, mode?: number): Promise<void>;
  makeFolderSync(path: string): void;
  link(existing: string, name: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Removes a file or an empty folder. */
  remove(path: string): Promise<void>;
  removeSync(path: string): void;
  removeTree(path: string): Promise<void>;
  /** Creates a file under a free name for writing. */
  create(path: string): Promise<NewPlatformFile>;
  createSync(path: string): NewPlatformFile;
  /** Flushes a folder. */
  syncFolder(path: string): Promise<void>;
  /** Opens a file for locking: with `isNew` a new one that only this user can access, else an existing one. */
  openLock(path: string, isNew: boolean): Promise<LockFile>;
  /** The user id of this process; null on Windows, which has none. */
  user(): number | null;
  /** The standard output of a program; null if it fails or does not exist. Its input is empty. */
  outputOf(program: string, args: readonly string[]): Promise<string | null>;
}

/** A new file that is written sequentially. */
export interface NewPlatformFile {
  /** Writes at the end; returns the number of bytes that were taken. */
  write(bytes: Uint8Array): Promise<number>;
  writeSync(bytes: Uint8Array): number;
  status(): Promise<FileStatus>;
  statusSync(): FileStatus;
  close(): void;
}

/** A file that is open for locking. Closing it releases the lock. */
export interface LockFile {
  /** False when another process, or this one, holds the lock. Never waits for it. */
  tryLock(): Promise<boolean>;
  status(): Promise<FileStatus>;
  close(): void;
}
