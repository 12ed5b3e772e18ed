// Reports the progress of a transfer at most ten times a second, in figures that never fall, and reports stalls.

import type { OnEvent } from "../events.ts";
import type { Clock } from "../ports.ts";

const PROGRESS_INTERVAL_MS = 100;

export interface ProgressOptions {
  clock: Clock;
  onEvent: OnEvent;
  totalBytes: number;
  /** Bytes done so far. It may fall when data has to be sent again. */
  doneBytes: () => number;
  /** Id of the receiver in a sender's events. */
  receiverId?: string;
}

export class Progress {
  files = 0;
  readonly #options: ProgressOptions;
  #reportedBytes = 0;
  #reportedMs = -Infinity;

  constructor(options: ProgressOptions) {
    this.#options = options;
  }

  /** Reports the progress, unless it was reported within the interval. */
  moved(): void {
    const nowMs = this.#options.clock.nowMs();
    if (nowMs - this.#reportedMs >= PROGRESS_INTERVAL_MS) this.#report(nowMs);
  }

  fileDone(): void {
    this.files++;
  }

  /** Reports the present state, regardless of the interval. */
  flush(): void {
    this.#report(this.#options.clock.nowMs());
  }

  /** Reports the seconds for which nothing has moved; null when data moves again. */
  stalled(seconds: number | null): void {
    if (seconds === null) return this.flush();
    this.#options.onEvent({ type: "stalled", seconds, ...this.#receiver });
  }

  #report(nowMs: number): void {
    const { onEvent, totalBytes, doneBytes } = this.#options;
    this.#reportedMs = nowMs;
    this.#reportedBytes = Math.min(Math.max(this.#reportedBytes, doneBytes()), totalBytes);
    onEvent({
      type: "progress",
      bytes: this.#reportedBytes,
      total: totalBytes,
      files: this.files,
      ...this.#receiver,
    });
  }

  get #receiver(): { id?: string } {
    const { receiverId } = this.#options;
    return receiverId === undefined ? {} : { id: receiverId };
  }
}
