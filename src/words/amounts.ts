// Amounts as a language writes them: sizes, speeds, times, dates and counts. Decimal units; two of time at most.

const SIZES = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte", "petabyte"] as const;
const TIMES = [["day", 86_400], ["hour", 3_600], ["minute", 60], ["second", 1]] as const;
/** Shorter durations have one decimal. */
const SHORT_SECONDS = 9.95;

const known = new Map<string, Amounts>();

/** The amounts of a locale. */
export function amountsIn(locale: string): Amounts {
  const amounts = known.get(locale) ?? new Amounts(locale);
  known.set(locale, amounts);
  return amounts;
}

/** The part that is done, from 0 to 1. Nothing of nothing is complete. */
export function fraction(done: number, total: number): number {
  return total === 0 ? 1 : Math.min(1, done / total);
}

/** The same in whole percent; 100 only when `done` has reached `total`. */
export function wholePercent(done: number, total: number): number {
  if (done >= total) return 100;
  // Divided last: 0.29 * 100 is less than 29. An inexactly large count must not round up to 100 either.
  return Math.min(99, Math.floor(100 * done / total));
}

export class Amounts {
  /** Cached, because a formatter is slow to create and a list formats thousands of numbers. */
  readonly #formats = new Map<string, Intl.NumberFormat>();

  constructor(readonly locale: string) {}

  number(value: number): string {
    return this.#write(value, {});
  }

  /** `12.3 MB`. */
  size(bytes: number): string {
    return this.#scaled(bytes, "");
  }

  /** `12.3 MB/s`. */
  speed(bytesPerSecond: number): string {
    return this.#scaled(bytesPerSecond, "-per-second");
  }

  /** `42%`; 100 only when `done` has reached `total`, which may be 0. */
  percent(done: number, total: number): string {
    return this.#write(wholePercent(done, total) / 100, { style: "percent" });
  }

  /** `0.4 sec`, `12 sec`, `3 min 5 sec`, `2 hr 10 min`. */
  duration(seconds: number): string {
    if (seconds < SHORT_SECONDS) return this.#time(Math.max(0, Number(seconds.toFixed(1))), "second");
    const whole = Math.round(seconds);
    const index = TIMES.findIndex(([, length]) => whole >= length);
    const [unit, length] = TIMES[index];
    const head = this.#time(Math.floor(whole / length), unit);
    if (index === TIMES.length - 1) return head;
    const [smallerUnit, smaller] = TIMES[index + 1];
    const rest = Math.floor(whole % length / smaller);
    return rest === 0 ? head : `${head} ${this.#time(rest, smallerUnit)}`;
  }

  /** A date and time; the time alone for today. */
  moment(timeMs: number): string {
    const date = new Date(timeMs);
    const isToday = date.toDateString() === new Date().toDateString();
    return oneSpace(date.toLocaleString(
      this.locale,
      isToday ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" },
    ));
  }

  /** `a, b and c`. */
  list(items: readonly string[]): string {
    return new Intl.ListFormat(this.locale).format(items);
  }

  #scaled(bytes: number, ending: "" | "-per-second"): string {
    let value = bytes;
    let unit = 0;
    // 999.95 kB would be shown as 1,000 kB.
    while (value >= (unit === 0 ? 1000 : 999.5) && unit < SIZES.length - 1) {
      value /= 1000;
      unit++;
    }
    const digits = unit === 0 || value >= 99.95 ? 0 : 1;
    return this.#write(value, {
      style: "unit",
      unit: SIZES[unit] + ending,
      // The short form of the smallest unit is no symbol: `12 byte`.
      unitDisplay: unit === 0 ? "long" : "short",
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    });
  }

  #time(value: number, unit: string): string {
    return this.#write(value, { style: "unit", unit, unitDisplay: "short" });
  }

  #write(value: number, options: Intl.NumberFormatOptions): string {
    const key = JSON.stringify(options);
    const format = this.#formats.get(key) ?? new Intl.NumberFormat(this.locale, options);
    this.#formats.set(key, format);
    return oneSpace(format.format(value));
  }
}

/** Many terminal fonts lack the narrow no-break space, so the ordinary no-break space replaces it. */
function oneSpace(text: string): string {
  return text.replaceAll("\u202f", "\u00a0");
}
