// A Logger that writes lines of text: `TIME LEVEL target message key=value …`. Every character that is not printable
// ASCII is escaped, so no text of a peer or a library can forge a line.

import {
  type LogFields,
  type LogFilter,
  type Logger,
  type LogLevel,
  type LogValue,
  Sensitive,
} from "../logger.ts";
import type { Clock } from "../ports.ts";
import { passes } from "./filter.ts";
import { Redaction, scrubbed } from "./redaction.ts";

/** Longer values are truncated. */
const MAXIMUM_VALUE_LENGTH = 2_000;

/** Writes a line without its end. Returns false if it was dropped, because too many lines are queued. */
export type WriteLine = (line: string) => boolean;

/** The target of the lines on the log itself, which are always written. */
export const LOG_TARGET = "log";

/** A field with the time of a line, in milliseconds since 1970, if that is earlier than now. */
export const TIME_FIELD = "atMs";

/**
 * A logger that writes the lines that pass a filter. The next line contains the number of dropped ones. An unredacted
 * log says so in its first line.
 */
export function lineLogger(filter: LogFilter, clock: Pick<Clock, "epochMs">, write: WriteLine): Logger {
  const redaction = filter.isUnredacted ? null : new Redaction();
  let dropped = 0;
  const line = (level: LogLevel, target: string, message: string, fields: LogFields) => {
    const { [TIME_FIELD]: atMs, ...shown } = fields;
    const time = new Date(typeof atMs === "number" ? atMs : clock.epochMs()).toISOString();
    const pairs = Object.entries(shown).map(([key, value]) => ` ${key}=${valueText(value, redaction)}`);
    const text = escaped(redaction === null ? message : scrubbed(message));
    return `${time} ${level.toUpperCase().padEnd(5)} ${escaped(target)} ${text}${pairs.join("")}`;
  };
  const isOn = (level: LogLevel, target: string) => target === LOG_TARGET || passes(filter, level, target);
  const logger: Logger = {
    filter,
    isOn,
    log(level, target, message, fields = {}) {
      if (!isOn(level, target)) return;
      if (dropped > 0 && write(line("warn", LOG_TARGET, "lines were dropped", { count: dropped }))) {
        dropped = 0;
      }
      if (dropped > 0 || !write(line(level, target, message, fields))) dropped++;
    },
  };
  if (filter.isUnredacted) logger.log("warn", LOG_TARGET, "this log has tickets, ids and names in full");
  return logger;
}

function valueText(value: LogValue, redaction: Redaction | null): string {
  if (value instanceof Sensitive) {
    return redaction === null ? quoted(value.text) : quoted(redaction.sensitive(value));
  }
  // A measured value has more digits than it has accuracy.
  if (typeof value === "number") return String(Math.round(value * 1_000) / 1_000);
  if (typeof value !== "string") return String(value);
  return quoted(redaction === null ? value : scrubbed(value));
}

/** Unchanged if it is one plain word, else in quotes. */
function quoted(text: string): string {
  const cut = text.length > MAXIMUM_VALUE_LENGTH ? `${text.slice(0, MAXIMUM_VALUE_LENGTH)}..` : text;
  return /^[\w.:/+@[\]<>-]+$/.test(cut) ? escaped(cut) : escaped(JSON.stringify(cut));
}

function escaped(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
