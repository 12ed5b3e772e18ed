// Counts what has moved and tells it at most ten times a second, with the network path when that changes.

import type { OnEvent } from "../events.ts";
import type { Clock, Connection } from "../ports.ts";

const PROGRESS_INTERVAL_MS = 100;
const PATH_INTERVAL_MS = 500;

export interface ProgressOptions {
  clock: Clock;
  onEvent: OnEvent;
  totalBytes: number;
  /** Whose path is told, if any. */
  connection?: Connection;
  /** Names the receiver in a sender's events. */
  receiverId?: string;
}

export class Progress {
  bytes = 0;
  files = 0;
  readonly #options: ProgressOptions;
  #toldMs = -Infinity;
  #pathToldMs = -Infinity;
  #path = "";

  constructor(options: ProgressOptions) {
    this.#options = options;
  }

  add(bytes: number): void {
    this.bytes += bytes;
    const nowMs = this.#options.clock.nowMs();
    if (nowMs - this.#toldMs >= PROGRESS_INTERVAL_MS) this.#tell(nowMs);
  }

  fileDone(): void {
    this.files++;
  }

  /** Tells where things stand now, whenever it was told last. */
  flush(): void {
    this.#tell(this.#options.clock.nowMs());
  }

  #tell(nowMs: number): void {
    const { onEvent, totalBytes, receiverId } = this.#options;
    this.#toldMs = nowMs;
    const bytes = Math.min(this.bytes, totalBytes);
    onEvent({
      type: "progress",
      bytes,
      total: totalBytes,
      files: this.files,
      ...(receiverId === undefined ? {} : { id: receiverId }),
    });
    if (nowMs - this.#pathToldMs >= PATH_INTERVAL_MS) this.#tellPath(nowMs);
  }

  #tellPath(nowMs: number): void {
    const { connection, onEvent } = this.#options;
    const path = connection?.path() ?? null;
    if (connection === undefined || path === null) return;
    this.#pathToldMs = nowMs;
    const name = `${path.kind} ${path.address}`;
    if (name === this.#path) return;
    this.#path = name;
    onEvent({ type: "path", id: connection.remoteId.toHex(), ...path });
  }
}
