// Ends a share by its rule: after each event that can end it, and by a timer.

import { deferred } from "../../deferred.ts";
import type { ShareEnd } from "../../options.ts";
import type { Clock } from "../../ports.ts";
import type { ShareRule } from "./share_rule.ts";

export class EndWatch {
  /** Resolves when the share has ended by its rule. */
  readonly ended: Promise<ShareEnd>;
  readonly #rule: ShareRule;
  readonly #clock: Clock;
  readonly #closed: AbortSignal;
  readonly #end = deferred<ShareEnd>();
  #cancelTimer: () => void = () => {};

  /** @param closed aborts the wait when the share is closed */
  constructor(rule: ShareRule, clock: Clock, closed: AbortSignal) {
    this.#rule = rule;
    this.#clock = clock;
    this.#closed = closed;
    this.ended = this.#end.promise;
    closed.addEventListener("abort", () => this.#cancelTimer(), { once: true });
  }

  /** Checks whether the share has ended, and sets the timer of the next check. Called after each event. */
  check(): void {
    // The event may have moved the time in either direction.
    this.#cancelTimer();
    const nowMs = this.#clock.nowMs();
    const end = this.#rule.ended(nowMs);
    if (end !== undefined) return this.#end.resolve(end);
    const { quietUntilMs = Infinity, spoiledUntilMs = Infinity } = this.#rule;
    const untilMs = Math.min(quietUntilMs, spoiledUntilMs);
    if (untilMs === Infinity || this.#closed.aborted) return;
    this.#cancelTimer = this.#clock.timer(untilMs - nowMs, () => this.check());
  }
}
