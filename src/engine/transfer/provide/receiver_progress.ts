// The sender's estimate of what one receiver has: what the receiver reported when it connected, and what has been sent
// since.

import type { OnEvent } from "../../events.ts";
import type { Clock } from "../../ports.ts";
import { Progress } from "../progress.ts";
import { watchStalls } from "../stall_watch.ts";

export interface ReceiverProgressOptions {
  clock: Clock;
  onEvent: OnEvent;
  /** Size of the whole share. */
  totalBytes: number;
  receiverId: string;
}

/** The progress of one answer to the receiver. */
export interface AnswerProgress {
  /** Counts bytes of files that were handed to the stream. */
  sent(bytes: number): void;
  /** The stream has ended. */
  ended(): void;
}

export class ReceiverProgress {
  readonly #options: ReceiverProgressOptions;
  readonly #progress: Progress;
  /** Bytes that the receiver had before its present connection. */
  #earlierBytes = 0;
  #sentBytes = 0;
  /** Bytes that the streams of its answers have taken: of open streams, and of all ended ones. */
  readonly #open = new Set<() => number>();
  #closedTakenBytes = 0;
  #watch: AbortController | null = null;
  #isDelivered = false;

  constructor(options: ReceiverProgressOptions) {
    this.#options = options;
    this.#progress = new Progress({ ...options, doneBytes: () => this.#doneBytes });
  }

  /**
   * Begins an answer.
   *
   * @param takenBytes bytes that its stream has taken, which grow before a whole block is sent
   */
  answers(takenBytes: () => number): AnswerProgress {
    if (this.#watch === null) this.#begin();
    this.#open.add(takenBytes);
    return {
      sent: (bytes) => {
        this.#sentBytes += bytes;
        this.#progress.moved();
      },
      ended: () => {
        if (!this.#open.delete(takenBytes)) return;
        this.#closedTakenBytes += takenBytes();
        this.#progress.flush();
      },
    };
  }

  /** Counts a file that has been sent completely. */
  fileDone(): void {
    this.#progress.fileDone();
  }

  /** Notes how much the receiver reports to have. */
  has(bytes: number): void {
    [this.#earlierBytes, this.#sentBytes] = [bytes, 0];
  }

  get isDelivered(): boolean {
    return this.#isDelivered;
  }

  /** The receiver has no connection any more. What was sent counts until it reports what has arrived. */
  disconnected(): void {
    this.#watch?.abort();
    this.#watch = null;
    this.has(this.#doneBytes);
  }

  /** The receiver has reported that it has everything that it requested, `bytes` in total. */
  delivered(bytes: number): void {
    this.#isDelivered = true;
    this.has(bytes);
    this.#watch?.abort();
    this.#progress.flush();
  }

  #begin(): void {
    const { clock, onEvent, receiverId } = this.#options;
    onEvent({ type: "receiver", id: receiverId, state: "receiving" });
    const watch = this.#watch = new AbortController();
    const report = (seconds: number | null) => {
      // After everything was sent, there is no stall.
      if (seconds === null || this.#doneBytes < this.#lastBytes) this.#progress.stalled(seconds);
    };
    void watchStalls(clock, () => this.#takenBytes, report, watch.signal);
  }

  get #takenBytes(): number {
    let bytes = this.#closedTakenBytes;
    for (const taken of this.#open) bytes += taken();
    return bytes;
  }

  /** The last byte counts when all answers have ended; before that it is in flight. */
  get #doneBytes(): number {
    const bytes = this.#earlierBytes + this.#sentBytes;
    return this.#open.size > 0 ? Math.min(bytes, this.#lastBytes) : bytes;
  }

  /** All but the last byte. */
  get #lastBytes(): number {
    return Math.max(0, this.#options.totalBytes - 1);
  }
}
