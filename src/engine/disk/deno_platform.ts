// The calls of the file system on Deno. Used by platform.ts alone.

import type { LockFile, NewPlatformFile, Platform } from "./platform_calls.ts";
import { toStatus } from "./stats.ts";

const NEW = { write: true, createNew: true };

export const denoPlatform: Platform = {
  status: async (path) => toStatus(await Deno.lstat(path)),
  statusSync: (path) => toStatus(Deno.lstatSync(path)),
  statusBehind: async (path) => toStatus(await Deno.stat(path)),

  async realPath(path) {
    try {
      return await Deno.realPath(path);
    } catch (error) {
      if (error instanceof Deno.errors.InvalidData) return null;
      throw error;
    }
  },

  makeFolder: (path, mode = 0o777) => Deno.mkdir(path, { mode }),
  makeFolderSync: (path) => Deno.mkdirSync(path),
  link: (existing, name) => Deno.link(existing, name),
  rename: (from, to) => Deno.rename(from, to),
  remove: (path) => Deno.remove(path),
  removeSync: (path) => Deno.removeSync(path),
  removeTree: (path) => Deno.remove(path, { recursive: true }),
  create: async (path) => newFile(await Deno.open(path, NEW)),
  createSync: (path) => newFile(Deno.openSync(path, NEW)),

  async syncFolder(path) {
    using folder = await Deno.open(path, { read: true });
    await folder.sync();
  },

  async openLock(path, isNew) {
    return lockFile(await Deno.open(path, isNew ? { ...NEW, mode: 0o600 } : { write: true }));
  },

  user() {
    if (Deno.build.os === "windows") return null;
    try {
      return Deno.uid();
    } catch (error) {
      if (!(error instanceof Deno.errors.NotCapable)) throw error;
    }
    // Deno.uid() needs --allow-sys; without it, the owner of a file that the process creates gives the answer.
    const path = Deno.makeTempFileSync({ prefix: "pli-user-" });
    try {
      return Deno.statSync(path).uid;
    } finally {
      Deno.removeSync(path);
    }
  },

  async outputOf(program, args) {
    try {
      const command = new Deno.Command(program, { args: [...args], stdin: "null", stderr: "null" });
      const { success, stdout } = await command.output();
      return success ? new TextDecoder().decode(stdout) : null;
    } catch {
      return null;
    }
  },
};

function newFile(file: Deno.FsFile): NewPlatformFile {
  return {
    write: (bytes) => file.write(bytes),
    writeSync: (bytes) => file.writeSync(bytes),
    status: async () => toStatus(await file.stat()),
    statusSync: () => toStatus(file.statSync()),
    close: () => file.close(),
  };
}

function lockFile(file: Deno.FsFile): LockFile {
  return {
    tryLock: () => file.tryLock(true),
    status: async () => toStatus(await file.stat()),
    close: () => file.close(),
  };
}
