// The log of a run: its filter (--log, PLI_LOG) and its destination (--log-file, or a function that takes lines).
// Loaded only if one of these is given.

import {
  lineLogger,
  type LogFilter,
  type LogFilterFault,
  type Logger,
  readLogFilter,
  systemClock,
} from "../engine/mod.ts";
import { LogFile } from "./log_file.ts";

/** The filter of a log and its file, if they are given. */
export interface LogChoice {
  filter: string | null;
  /** Null for `write`. */
  file: string | null;
}

/** The filter of a file without a level. */
const DEFAULT_FILTER = "info";

/** An open log. */
export interface OpenLog extends Disposable {
  readonly logger: Logger;
}

/** A filter that cannot be read. */
export class InvalidLogFilter extends Error {
  override readonly name = "InvalidLogFilter";

  constructor(readonly fault: LogFilterFault) {
    super(fault.reason);
  }
}

/**
 * Opens the log of a run, whose first line identifies the run. Throws `InvalidLogFilter`, and the error of opening the
 * file.
 */
export function openLog(
  { filter, file }: LogChoice,
  run: Readonly<Record<string, string>>,
  write: (line: string) => boolean,
): OpenLog {
  const levels = readFilter(filter ?? DEFAULT_FILTER);
  const opened = file === null ? null : LogFile.open(file);
  const logger = lineLogger(levels, systemClock, (line) => opened?.write(line) ?? write(line));
  logger.log("info", "pli", "starts", { ...run, system: `${Deno.build.os} ${Deno.build.arch}` });
  return { logger, [Symbol.dispose]: () => opened?.[Symbol.dispose]() };
}

function readFilter(text: string): LogFilter {
  const read = readLogFilter(text);
  if ("reason" in read) throw new InvalidLogFilter(read);
  return read;
}
