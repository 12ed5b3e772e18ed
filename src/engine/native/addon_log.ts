// The log of the addon's libraries (iroh, noq and others): their events become lines of the loggers of the endpoints that
// are open. The addon has one filter and one queue per process: its filter is the union of the loggers' filters, and an
// event is written to each logger whose filter it passes. The queue is bounded, and the addon counts dropped events.
// Without a logger with a filter the addon is not called.

import { isolatedLogger } from "../isolated.ts";
import { mergedFilter } from "../log/filter.ts";
import { LOG_TARGET, TIME_FIELD } from "../log/line_logger.ts";
import { LOG_LEVELS, type LogFilter, type Logger } from "../logger.ts";
import type { BindEndpoint, Endpoint } from "../ports.ts";

/** The exports of the addon for its log (native/src/log.rs). */
export interface LogAddon {
  /** Sets the events that are queued. `verbosity` applies to targets that are not listed. */
  setLogFilter(verbosity: number, targets: { target: string; verbosity: number }[]): void;
  /** The events since the last call, and how many were dropped after them. */
  takeLogEvents(): { events: AddonEvent[]; dropped: number };
}

interface AddonEvent {
  /** Milliseconds since 1970. */
  atMs: number;
  /** From 1, an error, to 5, a trace. */
  level: number;
  target: string;
  message: string;
  fields: { name: string; value: string }[];
}

/** Interval at which events are taken while nothing else is logged. */
const INTERVAL_MS = 50;
const NOTHING: LogFilter = { verbosity: 0, targets: new Map(), isUnredacted: false };

/** The addon's log of this process. */
export class AddonLog {
  readonly #addon: LogAddon;
  /** The number of open endpoints of each logger. */
  readonly #endpoints = new Map<Logger, number>();
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(addon: LogAddon) {
    this.#addon = addon;
  }

  /** The same ports, with the addon's events as lines of the logger, in the order of time. */
  ports(logger: Logger, bind: BindEndpoint): { logger: Logger; bind: BindEndpoint } {
    if (logger.filter === undefined) return { logger, bind };
    return {
      logger: {
        filter: logger.filter,
        isOn: (level, target) => logger.isOn(level, target),
        log: (level, target, message, fields) => {
          this.#write();
          logger.log(level, target, message, fields);
        },
      },
      bind: async (options) => {
        this.#begin(logger);
        try {
          return new FollowedEndpoint(await bind(options), () => this.#end(logger));
        } catch (error) {
          this.#end(logger);
          throw error;
        }
      },
    };
  }

  #begin(logger: Logger): void {
    const count = this.#endpoints.get(logger) ?? 0;
    this.#endpoints.set(logger, count + 1);
    if (count === 0) this.#filter();
    this.#timer ??= setInterval(() => this.#write(), INTERVAL_MS);
  }

  #end(logger: Logger): void {
    this.#write();
    const count = this.#endpoints.get(logger) ?? 0;
    if (count > 1) return void this.#endpoints.set(logger, count - 1);
    this.#endpoints.delete(logger);
    this.#filter();
    if (this.#endpoints.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #filter(): void {
    const filters = [...this.#endpoints.keys()].map(({ filter }) => filter ?? NOTHING);
    const { verbosity, targets } = mergedFilter(filters);
    this.#addon.setLogFilter(verbosity, [...targets].map(([target, verbosity]) => ({ target, verbosity })));
  }

  /** An error of one, of which the timer knows no transfer, is dropped. */
  get #loggers(): Logger[] {
    return [...this.#endpoints.keys()].map((logger) => isolatedLogger(logger));
  }

  #write(): void {
    if (this.#endpoints.size === 0) return;
    const { events, dropped } = this.#addon.takeLogEvents();
    const loggers = this.#loggers;
    for (const { atMs, level, target, message, fields } of events) {
      const named = Object.fromEntries(fields.map(({ name, value }) => [name, value]));
      for (const logger of loggers) {
        logger.log(LOG_LEVELS[level - 1], target, message, { [TIME_FIELD]: atMs, ...named });
      }
    }
    if (dropped === 0) return;
    for (const logger of loggers) {
      logger.log("warn", LOG_TARGET, "events of the addon were dropped", { count: dropped });
    }
  }
}

/** An endpoint with a callback for its closing. */
class FollowedEndpoint implements Endpoint {
  #onClosed: (() => void) | null;

  constructor(readonly inner: Endpoint, onClosed: () => void) {
    this.#onClosed = onClosed;
  }

  get id() {
    return this.inner.id;
  }

  get sockets() {
    return this.inner.sockets;
  }

  address() {
    return this.inner.address();
  }

  reachRelay(timeouts: Parameters<Endpoint["reachRelay"]>[0]) {
    return this.inner.reachRelay(timeouts);
  }

  connect(...args: Parameters<Endpoint["connect"]>) {
    return this.inner.connect(...args);
  }

  async close() {
    try {
      await this.inner.close();
    } finally {
      this.#onClosed?.();
      this.#onClosed = null;
    }
  }
}
