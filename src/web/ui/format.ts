// Sizes, speeds, times and dates as the language writes them. Decimal units; two of time at most.

import { locale } from "./language.ts";

const SIZES = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte", "petabyte"] as const;
const formats = new Map<string, Intl.NumberFormat>();

/** A formatter is dear to make, and a list asks for thousands of numbers. */
function numberFormat(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = locale.value + JSON.stringify(options);
  const format = formats.get(key) ?? new Intl.NumberFormat(locale.value, options);
  formats.set(key, format);
  return format;
}

function scaled(bytes: number, ending: "" | "-per-second"): string {
  let value = bytes;
  let unit = 0;
  // 999.95 kB would be shown as 1,000 kB.
  while (value >= (unit === 0 ? 1000 : 999.5) && unit < SIZES.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1;
  return numberFormat({
    style: "unit",
    unit: SIZES[unit] + ending,
    // The short form of the smallest unit is no symbol: `12 byte`.
    unitDisplay: unit === 0 ? "long" : "short",
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(value);
}

/** `12.3 MB`. */
export const size = (bytes: number): string => scaled(bytes, "");
/** `12.3 MB/s`. */
export const speed = (bytesPerSecond: number): string => scaled(bytesPerSecond, "-per-second");

/** `42%`, never 100 before all is there. */
export function percent(done: number, total: number): string {
  const share = total === 0 ? 0 : Math.min(1, done / total);
  return numberFormat({ style: "percent" }).format(Math.floor(share * 100) / 100);
}

const TIMES = [["day", 86_400], ["hour", 3_600], ["minute", 60], ["second", 1]] as const;

/** `12 sec`, `3 min 5 sec`, `2 hr 10 min`; never nothing. */
export function duration(seconds: number): string {
  const whole = Math.max(1, Math.round(seconds));
  const index = TIMES.findIndex(([, length]) => whole >= length);
  const [unit, length] = TIMES[index];
  const head = inUnit(Math.floor(whole / length), unit);
  if (index === TIMES.length - 1) return head;
  const [smallerUnit, smaller] = TIMES[index + 1];
  const rest = Math.floor(whole % length / smaller);
  return rest === 0 ? head : `${head} ${inUnit(rest, smallerUnit)}`;
}

function inUnit(value: number, unit: string): string {
  return numberFormat({ style: "unit", unit, unitDisplay: "short" }).format(value);
}

/** A moment: the time alone when it is of today. */
export function moment(timeMs: number): string {
  const date = new Date(timeMs);
  const isToday = date.toDateString() === new Date().toDateString();
  return date.toLocaleString(
    locale.value,
    isToday ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" },
  );
}
