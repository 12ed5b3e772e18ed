// Isolates the listeners and the logger of the engine's user: their exceptions and rejections are reported and end no
// transfer.

import type { Logger, LogLevel } from "./logger.ts";

/** The same function, whose errors are passed to `report`, if present. Errors of `report` are dropped. */
export function isolated<A extends unknown[]>(
  listener: (...args: A) => unknown,
  report?: (error: unknown) => void,
): (...args: A) => void {
  const failed = (error: unknown): void => {
    try {
      report?.(error);
    } catch {
      // There is nowhere else to report it.
    }
  };
  return (...args) => {
    try {
      const result = listener(...args);
      // The rejection of an async listener would end the process.
      if (result instanceof Promise) result.catch(failed);
    } catch (error) {
      failed(error);
    }
  };
}

/** The same logger without a filter; a line of which an error is reported is not written. */
export function isolatedLogger(logger: Logger, report?: (error: unknown) => void): Logger {
  const isOn = (level: LogLevel, target: string): boolean => {
    let result = false;
    isolated(() => result = logger.isOn(level, target), report)();
    return result;
  };
  return { isOn, log: isolated((...line: Parameters<Logger["log"]>) => logger.log(...line), report) };
}
