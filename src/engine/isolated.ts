// Isolates listeners of the engine's user: their exceptions and rejections are reported and end no transfer.

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
