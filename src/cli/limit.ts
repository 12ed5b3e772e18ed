// --limit: a speed, read, checked, and made what the engine keeps.

import { LEAST_BYTES_PER_SECOND, RateLimit, type SpeedLimit } from "../engine/mod.ts";
import type { LimitArguments } from "./arguments.ts";
import { UsageError } from "./usage_error.ts";

const FACTORS: Readonly<Record<string, number>> = { "": 1, k: 1e3, m: 1e6, g: 1e9 };

/** What it means to the engine; nothing when it was not given. Throws `option_value_invalid`. */
export function limitOption({ limit }: LimitArguments): { limit?: SpeedLimit } {
  if (limit === null) return {};
  const bytesPerSecond = parseSpeed(limit) ?? 0;
  if (bytesPerSecond >= LEAST_BYTES_PER_SECOND) return { limit: new RateLimit(bytesPerSecond) };
  throw new UsageError("option_value_invalid", {
    option: "--limit",
    value: limit,
    expected: "speed",
  });
}

/** `800k`, `5M`, `1.5G` or a plain number, decimal, as bytes per second; null when it is none of them. */
export function parseSpeed(text: string): number | null {
  const [, amount, unit] = /^(\d{1,12}(?:\.\d{1,6})?)([kmg]?)$/i.exec(text) ?? [];
  return amount === undefined ? null : Math.round(Number(amount) * FACTORS[unit.toLowerCase()]);
}
