// Measures for how long a transfer has been stalled. That is reported every second, so a display never shows stale
// figures. Timeouts are those of heartbeat.ts and deadline.ts.

import type { Clock } from "../ports.ts";

/** A transfer without data for this long is stalled. */
const STALLED_SECONDS = 2;
/** A stall of this length is reported only every ten seconds. */
const LONG_SECONDS = 60;
/** Interval of the checks, and maximum delay of the detection. */
const CHECK_MS = 250;

/** Measures stalls. Pure: time is passed in. */
export class StallMeter {
  #movedBytes: number;
  #movedMs: number;
  #reportedSeconds: number | null = null;

  constructor(movedBytes: number, nowMs: number) {
    this.#movedBytes = movedBytes;
    this.#movedMs = nowMs;
  }

  /**
   * The report that is due: whole seconds without data, null when data moves again, undefined if there is nothing new.
   */
  check(movedBytes: number, nowMs: number): number | null | undefined {
    if (movedBytes !== this.#movedBytes) {
      const wasStalled = this.#reportedSeconds !== null;
      [this.#movedBytes, this.#movedMs, this.#reportedSeconds] = [movedBytes, nowMs, null];
      return wasStalled ? null : undefined;
    }
    const seconds = Math.floor((nowMs - this.#movedMs) / 1000);
    const isDue = seconds >= STALLED_SECONDS && (seconds <= LONG_SECONDS || seconds % 10 === 0);
    if (!isDue || seconds === this.#reportedSeconds) return undefined;
    this.#reportedSeconds = seconds;
    return seconds;
  }
}

/** Checks a transfer until the signal is aborted, and passes the reports of StallMeter on. Never rejects. */
export async function watchStalls(
  clock: Clock,
  movedBytes: () => number,
  report: (seconds: number | null) => void,
  signal: AbortSignal,
): Promise<void> {
  const meter = new StallMeter(movedBytes(), clock.nowMs());
  try {
    for (;;) {
      await clock.sleep(CHECK_MS, signal);
      const seconds = meter.check(movedBytes(), clock.nowMs());
      if (seconds !== undefined) report(seconds);
    }
  } catch {
    // The sleep was aborted: the transfer is over.
  }
}
