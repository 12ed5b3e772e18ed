// Decides which lines are written: `LEVEL[,target=LEVEL]…`. Pure. The longest target that is a prefix of a line's
// target, in whole parts, decides: `iroh` is one of `iroh::socket`, and not of `iroh_relay`.

import { LOG_LEVELS, type LogFilter, type LogLevel, type Verbosity } from "../logger.ts";

/** A word of the list besides the levels: tickets, ids, hashes and names are written unredacted. */
export const UNREDACTED = "unredacted";

/** Maximum length of a filter, and maximum number of targets. */
const MAXIMUM_LENGTH = 2_000;
const MAXIMUM_TARGETS = 64;

/** The reason for which a text is no filter; `part` is its first invalid part. */
export interface LogFilterFault {
  /** `word`: neither a level nor a target with one. `second_level`: one more for all targets. */
  readonly reason: "word" | "second_level" | "no_level" | "too_long";
  /** The first invalid part; empty if the text is too long. */
  readonly part: string;
}

/** Parses a filter; null if the text is none. Without a level for all targets, only the named ones are written. */
export function parseLogFilter(text: string): LogFilter | null {
  const read = readLogFilter(text);
  return "reason" in read ? null : read;
}

/** Parses a filter, or returns the fault of the text. */
export function readLogFilter(text: string): LogFilter | LogFilterFault {
  if (text.length > MAXIMUM_LENGTH) return { reason: "too_long", part: "" };
  const targets = new Map<string, Verbosity>();
  let verbosity: Verbosity | null = null;
  let isUnredacted = false;
  for (const part of text.split(",").map((each) => each.trim())) {
    const [, target, word] = /^(?:([a-z0-9_]+(?:::[a-z0-9_]+)*)=)?([a-z]+)$/i.exec(part) ?? [];
    if (word === undefined) return { reason: part === "" ? "no_level" : "word", part };
    if (target === undefined && word.toLowerCase() === UNREDACTED) {
      isUnredacted = true;
      continue;
    }
    const level = verbosityOf(word.toLowerCase());
    if (level === null) return { reason: "word", part };
    if (target !== undefined) targets.set(target, level);
    else if (verbosity !== null) return { reason: "second_level", part };
    else verbosity = level;
  }
  if (targets.size > MAXIMUM_TARGETS) return { reason: "too_long", part: "" };
  if (verbosity === null && targets.size === 0) return { reason: "no_level", part: text };
  return { verbosity: verbosity ?? 0, targets, isUnredacted };
}

/** Whether a line is written. */
export function passes({ verbosity, targets }: LogFilter, level: LogLevel, target: string): boolean {
  return verbosityOf(level)! <= verbosityFor(target, targets, verbosity);
}

/** The filter that lets pass what any of some filters does. */
export function mergedFilter(filters: readonly LogFilter[]): LogFilter {
  const highest = (of: (filter: LogFilter) => Verbosity) => Math.max(0, ...filters.map(of));
  const named = new Set(filters.flatMap(({ targets }) => [...targets.keys()]));
  return {
    verbosity: highest(({ verbosity }) => verbosity),
    targets: new Map(
      [...named].map((target) => {
        return [target, highest(({ targets, verbosity }) => verbosityFor(target, targets, verbosity))];
      }),
    ),
    isUnredacted: filters.some(({ isUnredacted }) => isUnredacted),
  };
}

function verbosityFor(target: string, targets: LogFilter["targets"], other: Verbosity): Verbosity {
  if (targets.size === 0) return other;
  for (let end = target.length; end > 0; end = target.lastIndexOf("::", end - 1)) {
    const named = targets.get(target.slice(0, end));
    if (named !== undefined) return named;
  }
  return other;
}

function verbosityOf(word: string): Verbosity | null {
  if (word === "off") return 0;
  const index = LOG_LEVELS.findIndex((level) => level === word);
  return index < 0 ? null : index + 1;
}
