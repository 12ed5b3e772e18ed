// Counts what has moved and tells it at most ten times a second.

import type { OnEvent } from "../events.ts";
import type { Clock } from "../ports.ts";

const PROGRESS_INTERVAL_MS = 100;

export interface ProgressOptions {
  clock: Clock;
  onEvent: OnEvent;
  totalBytes: number;
  /** Names the receiver in a sender's events. */
  receiverId?: string;
}

export class Progress {
  bytes = 0;
  files = 0;
  readonly #options: ProgressOptions;
  #toldMs = -Infinity;

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
  }
}
