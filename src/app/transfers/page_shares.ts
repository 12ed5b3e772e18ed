// The shares of the page that its next process serves again.

import { join } from "node:path";
import * as v from "valibot";
import type { Home } from "../home.ts";
import type { OnNotice } from "../notices.ts";
import { readJson, writePrivate } from "../private_files.ts";
import { isNewer } from "../records.ts";
import { ABSOLUTE, storedAs, storedItems } from "../stored.ts";

/** A historical name: an older pli opens the same file. */
const FILE = "desk.json";
const VERSION = 1;

export interface PageShare {
  paths: readonly string[];
  keep: boolean;
}

const NOTE = v.object({ paths: v.pipe(v.array(ABSOLUTE), v.minLength(1)), keep: v.boolean() });
const STORED = v.object({ shares: v.array(v.unknown()) });

export class PageShares {
  readonly #path: string;
  readonly #notify: OnNotice;
  /** Whether the file is of a newer pli and must not be changed. */
  #isNewer = false;
  #writing: Promise<void> = Promise.resolve();
  /** The shares of the next write; null if none is queued. */
  #queued: readonly PageShare[] | null = null;

  constructor(home: Home) {
    this.#notify = home.notify;
    this.#path = join(home.path, FILE);
  }

  /** The open shares; empty if the file is unreadable. Throws `home_*`. */
  async read(): Promise<PageShare[]> {
    const value = await readJson(this.#path, this.#notify);
    this.#isNewer = isNewer(value, VERSION);
    if (this.#isNewer) return [];
    if (value === null) return [];
    const listed = storedAs(STORED, value)?.shares ?? null;
    const notes = storedItems(NOTE, listed ?? []);
    const count = listed === null ? 1 : listed.length - notes.length;
    if (count > 0) this.#notify({ code: "shares_unreadable", parameters: { count } });
    return notes;
  }

  /**
   * Queues a write of the open shares, in place of one that has not begun. A failed write only costs the next process
   * its shares.
   */
  write(shares: readonly PageShare[]): void {
    if (this.#isNewer) return;
    const isQueued = this.#queued !== null;
    this.#queued = shares;
    if (isQueued) return;
    this.#writing = this.#writing.then(async () => {
      const text = JSON.stringify({ version: VERSION, shares: this.#queued }, null, 2) + "\n";
      this.#queued = null;
      await writePrivate(this.#path, text);
    }).catch(() => {});
  }

  /** Resolves when no write is queued. */
  async settled(): Promise<void> {
    await this.#writing;
  }
}
