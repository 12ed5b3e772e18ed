// Amounts in words: sizes, times and counts as people read them.

const SIZE_UNITS = ["B", "kB", "MB", "GB", "TB", "PB"] as const;

/** A size in decimal units: `999 B`, `1.0 kB`, `12.3 MB`, `245 GB`. */
export function sizeInWords(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // 999.95 kB would be printed as 1000.0 kB.
  while (value >= (unit === 0 ? 1000 : 999.5) && unit < SIZE_UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1;
  return `${value.toFixed(digits)} ${SIZE_UNITS[unit]}`;
}

/** A time in at most two units: `0.4 s`, `12 s`, `3 min 5 s`, `2 h 10 min`, `4 d 3 h`. */
export function timeInWords(seconds: number): string {
  if (seconds < 9.95) return `${Number(seconds.toFixed(1))} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.round(whole / 60);
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  const hours = Math.round(minutes / 60);
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** A moment, in this computer's time: `2026-11-22 14:03`. */
export function dateInWords(date: Date): string {
  const [month, day, hour, minute] = [date.getMonth() + 1, date.getDate(), date.getHours(), date.getMinutes()]
    .map((number) => String(number).padStart(2, "0"));
  return `${date.getFullYear()}-${month}-${day} ${hour}:${minute}`;
}

/** A count with its noun: `1 file`, `12 files`. */
export function countInWords(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
