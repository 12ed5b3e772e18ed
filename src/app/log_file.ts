// The file of a log, which only this user can read: made with mode 0600, or one of this user's that is appended to. A
// link is not followed, and a device or a file of another user is not written to. Lines are written at once, so that a
// process that is killed leaves what came before.

import { closeSync, constants, fstatSync, lstatSync, openSync, writeSync } from "node:fs";
import { ownUser } from "../engine/disk/own_user.ts";

const { O_APPEND, O_CREAT, O_WRONLY } = constants;
/** Missing on Windows. A FIFO without a reader would make the opening wait. */
const SAFELY = (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** A file that takes lines. */
export class LogFile implements Disposable {
  /** Null when it is closed: the number may be that of another file then. */
  #descriptor: number | null;

  private constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  /** Opens or makes it. Throws an Error with the reason if it cannot. */
  static open(path: string): LogFile {
    // Where the system has no flag for it.
    if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) throw new TypeError("it is a link");
    const descriptor = openSync(path, O_WRONLY | O_APPEND | O_CREAT | SAFELY, 0o600);
    try {
      const status = fstatSync(descriptor);
      if (!status.isFile()) throw new TypeError("it is not a regular file");
      if (Deno.build.os !== "windows" && status.uid !== ownUser()) {
        throw new TypeError("it is another user's");
      }
      return new LogFile(descriptor);
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
  }

  /** Writes a line. False when the system does not take it, and when the file is closed. */
  write(line: string): boolean {
    if (this.#descriptor === null) return false;
    try {
      const bytes = new TextEncoder().encode(`${line}\n`);
      for (let written = 0; written < bytes.length;) {
        written += writeSync(this.#descriptor, bytes, written);
      }
      return true;
    } catch {
      return false;
    }
  }

  [Symbol.dispose](): void {
    if (this.#descriptor !== null) closeSync(this.#descriptor);
    this.#descriptor = null;
  }
}
