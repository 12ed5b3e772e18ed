// The Logger port, for debugging. A line has a level, a target, a fixed message and fields. Private values are never
// plain text: tickets, ids, hashes and names are `Sensitive`, and the logger redacts them.

/** From the most to the least severe. */
export const LOG_LEVELS = ["error", "warn", "info", "debug", "trace"] as const;
/** The severity of a line. */
export type LogLevel = typeof LOG_LEVELS[number];

/** `name` is the name or the path of a file, or another text of a user or a peer. */
export type SensitiveKind = "ticket" | "id" | "hash" | "name";

/** A value that identifies a person, a computer or a file, or that gives access to a share. */
export class Sensitive {
  /** An unredacted value of a kind. */
  constructor(readonly kind: SensitiveKind, readonly text: string) {}
}

/** The value of a field. */
export type LogValue = string | number | boolean | null | Sensitive;
/** Values by the names of their fields. */
export type LogFields = Readonly<Record<string, LogValue>>;

/** The levels that are written, 0 for none and 5 for all. */
export type Verbosity = number;

/** Which lines are written, and whether they are redacted. */
export interface LogFilter {
  /** For targets without an entry. */
  readonly verbosity: Verbosity;
  /** For named targets; the longest match applies. */
  readonly targets: ReadonlyMap<string, Verbosity>;
  /** Whether sensitive values are written unredacted. */
  readonly isUnredacted: boolean;
}

/** Receives the lines. */
export interface Logger {
  /** The filter for lines of the native addon's libraries; without it they write none. */
  readonly filter?: LogFilter;
  /** Whether a line of this level and target is written. Called before costly fields are computed. */
  isOn(level: LogLevel, target: string): boolean;
  /**
   * Writes a line, or drops it. It neither throws nor waits.
   *
   * @param target the source: `transfer`, `net`, or a module of the addon such as `iroh::socket`
   * @param message a fixed text of the program's source
   */
  log(level: LogLevel, target: string, message: string, fields?: LogFields): void;
}

/** A logger that adds fields, such as the number of a connection, to each of its lines. */
export function withFields(logger: Logger, fields: LogFields): Logger {
  return {
    isOn: (level, target) => logger.isOn(level, target),
    log: (level, target, message, more) => {
      if (logger.isOn(level, target)) logger.log(level, target, message, { ...fields, ...more });
    },
  };
}
