// The calls of the file system on Node.js. Used by platform.ts alone. Node.js has no call that locks a file; the three
// ways to a lock that ends with its process are at the end. Deno loads this file too, so it imports no module of
// Node.js statically.

import type { ChildProcess } from "node:child_process";
import { IS_DENO, SYSTEM } from "../system.ts";
import type { LockFile, NewPlatformFile, Platform } from "./platform_calls.ts";
import { fileStatus } from "./stats.ts";

/** The module on Node.js. */
const fs = IS_DENO ? {} as typeof import("node:fs") : process.getBuiltinModule("node:fs");
/** macOS and the BSDs: opening takes the lock. */
const O_EXLOCK = 0x20;
const { O_NOFOLLOW = 0, O_NONBLOCK = 0, O_RDWR = 0 }: Record<string, number | undefined> = fs.constants ?? {};

export const nodePlatform: Platform = {
  status: async (path) => fileStatus(await fs.promises.lstat(path)),
  statusSync: (path) => fileStatus(fs.lstatSync(path)),
  statusBehind: async (path) => fileStatus(await fs.promises.stat(path)),

  async realPath(path) {
    const bytes = await fs.promises.realpath(path, { encoding: "buffer" });
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      return null;
    }
  },

  makeFolder: async (path, mode = 0o777) => void await fs.promises.mkdir(path, { mode }),
  makeFolderSync: (path) => fs.mkdirSync(path),
  link: (existing, name) => fs.promises.link(existing, name),
  rename: (from, to) => fs.promises.rename(from, to),

  async remove(path) {
    if ((await fs.promises.lstat(path)).isDirectory()) await fs.promises.rmdir(path);
    else await fs.promises.unlink(path);
  },

  removeSync(path) {
    if (fs.lstatSync(path).isDirectory()) fs.rmdirSync(path);
    else fs.unlinkSync(path);
  },

  removeTree: (path) => fs.promises.rm(path, { recursive: true }),

  // Synchronous, because handing it to the thread pool costs more than the call; far disks use other calls.
  create: (path) => new Promise((resolve) => resolve(createSync(path))),
  createSync,

  async syncFolder(path) {
    const folder = await fs.promises.open(path, "r");
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  },

  openLock: (path, isNew) =>
    new Promise((resolve) => {
      const flags = isNew ? "wx" : O_RDWR | O_NOFOLLOW | O_NONBLOCK;
      resolve(lockFile(path, fs.openSync(path, flags, 0o600)));
    }),

  user: () => process.getuid?.() ?? null,

  async outputOf(program, args) {
    const { spawn } = await import("node:child_process");
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "ignore"], windowsHide: true });
    const pieces: Uint8Array[] = [];
    child.stdout.on("data", (piece: Uint8Array) => pieces.push(piece));
    return await exitCode(child) === 0 ? Buffer.concat(pieces).toString() : null;
  },
};

function createSync(path: string): NewPlatformFile {
  const descriptor = fs.openSync(path, "wx");
  const writeSync = (bytes: Uint8Array): number => fs.writeSync(descriptor, bytes);
  const statusSync = () => fileStatus(fs.fstatSync(descriptor));
  return {
    write: (bytes) =>
      new Promise((resolve, reject) =>
        fs.write(descriptor, bytes, (error, count) => error === null ? resolve(count) : reject(error))
      ),
    writeSync,
    status: () => new Promise((resolve) => resolve(statusSync())),
    statusSync,
    close: () => fs.closeSync(descriptor),
  };
}

/** The exit code of a program; null if it could not be started, or was ended by a signal. */
function exitCode(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.once("error", () => resolve(null)).once("close", resolve));
}

function lockFile(path: string, descriptor: number): LockFile {
  const file = { descriptor, release: (): void => {} };
  const tryLock = SYSTEM === "windows" ? lockByPipe : SYSTEM === "linux" ? lockByProgram : lockByOpening;
  return {
    tryLock: () => tryLock(file, path),
    status: () => new Promise((resolve) => resolve(fileStatus(fs.fstatSync(file.descriptor)))),
    close: () => {
      fs.closeSync(file.descriptor);
      file.release();
    },
  };
}

interface Locking {
  descriptor: number;
  release: () => void;
}

/**
 * flock(1), a part of util-linux and of BusyBox, locks the descriptor that it inherits. The lock belongs to the open
 * file and not to the process that took it, so it stays with this process. Deno's locks are of the same kind.
 */
async function lockByProgram({ descriptor }: Locking): Promise<boolean> {
  const { spawn } = await import("node:child_process");
  const child = spawn("flock", ["-n", "-x", "3"], { stdio: ["ignore", "ignore", "ignore", descriptor] });
  const code = await exitCode(child);
  if (code === null) throw new Error("locking a file needs the program flock (util-linux)");
  return code === 0;
}

/** Opens the file again with the lock. */
function lockByOpening(file: Locking, path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    try {
      const locked = fs.openSync(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_EXLOCK);
      fs.closeSync(file.descriptor);
      file.descriptor = locked;
      resolve(true);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EAGAIN" || code === "EWOULDBLOCK") resolve(false);
      else reject(error);
    }
  });
}

/** Listens on a pipe that is named by the file's identity. Only one process can do that at a time. */
async function lockByPipe(file: Locking): Promise<boolean> {
  const { ino, dev } = fs.fstatSync(file.descriptor, { bigint: true });
  const { createServer } = await import("node:net");
  const server = createServer((socket) => socket.destroy()).unref();
  const isTaken = await new Promise<boolean>((resolve, reject) => {
    server.once("listening", () => resolve(false));
    server.once(
      "error",
      (error: NodeJS.ErrnoException) => error.code === "EADDRINUSE" ? resolve(true) : reject(error),
    );
    server.listen(`\\\\.\\pipe\\pli-lock-${dev}-${ino}`);
  });
  if (!isTaken) file.release = () => server.close();
  return !isTaken;
}
