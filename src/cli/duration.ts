// Times as they are written on a command line.

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90s`, `5m`, `2h`, `1d` or plain seconds, in milliseconds; null when it is none of them. */
export function parseDuration(text: string): number | null {
  const [, amount, unit] = /^(\d{1,9}(?:\.\d{1,3})?)([smhd]?)$/.exec(text) ?? [];
  return amount === undefined ? null : Number(amount) * UNIT_MS[unit || "s"];
}
