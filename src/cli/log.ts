// The log of a run: its filter (--log, PLI_LOG) and its destination (--log-file, standard error). Loaded only if one
// of these is given.

import { systemCode } from "../app/errors.ts";
import { LogFile } from "../app/log_file.ts";
import { lineLogger, type LogFilter, type Logger, readLogFilter, systemClock } from "../engine/mod.ts";
import { invalid, UsageError } from "./errors.ts";
import type { Output } from "./report/output.ts";

/** The options and the variable of the log. */
export interface LogOptions {
  /** --log, which overrides `environment`. */
  option: string | null;
  /** PLI_LOG. */
  environment: string;
  /** --log-file. */
  file: string | null;
}

/** The filter of a file without a level. */
const DEFAULT_FILTER = "info";

/** An open log. */
export interface OpenLog extends Disposable {
  readonly logger: Logger;
}

/**
 * Opens the log of a run, whose first line identifies the run. Throws `log_filter_invalid`, and `option_value_invalid`
 * for an unusable file.
 */
export function openLog(
  { option, environment, file }: LogOptions,
  run: Readonly<Record<string, string>>,
  output: Output,
): OpenLog {
  const [name, text] = option !== null
    ? ["--log", option]
    : ["PLI_LOG", environment.trim() || DEFAULT_FILTER];
  const filter = readFilter(name, text);
  const opened = file === null ? null : openFile(file);
  const logger = lineLogger(filter, systemClock, (line) => opened?.write(line) ?? output.log(line));
  logger.log("info", "pli", "starts", { ...run, system: `${Deno.build.os} ${Deno.build.arch}` });
  return { logger, [Symbol.dispose]: () => opened?.[Symbol.dispose]() };
}

function readFilter(option: string, text: string): LogFilter {
  const read = readLogFilter(text);
  if ("reason" in read) {
    throw new UsageError("log_filter_invalid", { option, logFault: read.reason, part: read.part });
  }
  return read;
}

function openFile(path: string): LogFile {
  try {
    return LogFile.open(path);
  } catch (cause) {
    const isFolderMissing = systemCode(cause) === "ENOENT";
    throw invalid("--log-file", path, isFolderMissing ? "log_file_folder" : "log_file", cause);
  }
}
