// Time limits of tests. A quick run shares the computer with other work, so the wait for an event has a limit that
// only a hang reaches. Times that pli guarantees are measured in the full run, whose suites run one after the other.

/** Whether the system is an emulation that moves less than 1 MB/s: tests then move fewer bytes. */
export const IS_SLOW = Deno.env.get("PLI_SLOW_SYSTEM") !== undefined;

/** The limit of the wait for an event. */
export const EVENT_LIMIT_MS = IS_SLOW ? 300_000 : 60_000;

/** The result of a promise; rejects when it has not settled in time. `what` names it in the error. */
export async function inTime<T>(promise: Promise<T>, what: string, limitMs = EVENT_LIMIT_MS): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`${what}: not done after ${limitMs} ms`)), limitMs);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Resolves when `look` returns true, for conditions without an event; rejects after the limit. */
export async function eventually(
  look: () => boolean | Promise<boolean>,
  what: string,
  limitMs = EVENT_LIMIT_MS,
): Promise<void> {
  const endMs = performance.now() + limitMs;
  while (!await look()) {
    if (performance.now() > endMs) throw new Error(`${what}: not so after ${limitMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The limit for what pli guarantees within `promisedMs`: exactly that in the full run. */
export function atMost(promisedMs: number): number {
  return Deno.env.get("PLI_LONG") === undefined ? Math.max(promisedMs, EVENT_LIMIT_MS) : promisedMs;
}

/**
 * The limit of processor time for what pli guarantees within `promisedMs`: exactly that in the full run; four times as
 * much in a quick one, because shared processors are slower.
 */
export function computedIn(promisedMs: number): number {
  return Deno.env.get("PLI_LONG") === undefined ? 4 * promisedMs : promisedMs;
}

/**
 * Processor time of this thread, in milliseconds, for bounds of computation that do not depend on other work. If the
 * system does not measure it, the elapsed time.
 */
export function threadCpuMs(): number {
  if (Deno.build.os !== "linux") return performance.now();
  const [onCpuNs] = Deno.readTextFileSync("/proc/thread-self/schedstat").split(" ");
  return Number(onCpuNs) / 1e6;
}
