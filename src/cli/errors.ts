// Errors of a command line, in the form of the engine's: a code and named parameters, whose sentences are in words/;
// and pli's exit codes.

import type { OutputFault } from "../app/output_place.ts";
import type { Consent, LogFilterFault } from "../engine/mod.ts";

/** The exit codes, by which scripts distinguish outcomes. */
export const EXIT = {
  done: 0,
  /** A missing path, an answer of "no", a defect of pli. */
  failed: 1,
  /** Wrong usage, or an invalid ticket. */
  usage: 2,
  /** The peer was not reached, or the connection was lost: a later attempt can succeed. */
  unreachable: 3,
  /** Wrong bytes, a changed source, hostile names or messages. */
  corrupt: 4,
  /** An error of the disk, or a missing permission. */
  disk: 5,
  /** Refused by the peer, or unknown to it. */
  refused: 6,
  /** The transfer ended without something that was selected: unreadable entries, changed files. */
  partial: 7,
  /** 128 and the signal's number, by the convention of shells. */
  hangup: 129,
  interrupted: 130,
  /** The reader of standard output has closed it. */
  outputClosed: 141,
  terminated: 143,
} as const;

export type ExitCode = typeof EXIT[keyof typeof EXIT];

/** The expected form of an option's value. */
export type Expectation =
  | "shell"
  | "ticket_kind"
  | "file_name"
  | "glob"
  | "unicode"
  | "time"
  | "speed"
  | "port"
  /** A port that needs no privilege. */
  | "open_port"
  | "free_port"
  | "origin"
  | "address"
  /** An address that is no multicast or broadcast address. */
  | "own_address"
  | "certificates"
  | "log_file"
  /** The same, in a folder that does not exist. */
  | "log_file_folder"
  | "folder"
  | "folder_or_new";

/** What standard input is read for: the data of a share, or a ticket. */
export type InputPurpose = "data" | "ticket";

/** Every code with its parameters. Options are written as they were typed. */
export interface UsageParameters {
  /** `given` is what the command line has in place of a command. */
  command_unknown: { command: string; nearest: string | null; given: "ticket" | "path" | null };
  /** `commands` have the nearest option, if this one has none that is near. */
  option_unknown: {
    option: string;
    nearest: string | null;
    command: string | null;
    commands: readonly string[];
  };
  /** An option of other commands. */
  option_misplaced: { option: string; commands: readonly string[] };
  option_without_value: { option: string };
  option_with_value: { option: string };
  option_value_invalid: { option: string; value: string; expected: Expectation };
  /** --log, or the variable for it. */
  log_filter_invalid: { option: string; logFault: LogFilterFault["reason"]; part: string };
  options_exclusive: { options: readonly string[] };
  /** An empty argument, usually of a variable that is not set. */
  argument_empty: Record<never, never>;
  /** The current folder, to which a given path is relative, was removed or its name is not UTF-8. */
  working_folder_unusable: Record<never, never>;
  /** The path of -o exists and accepts neither files nor the bytes of one. */
  output_unusable: { path: string; reason: OutputFault };
  /** A variable of the environment is not UTF-8. */
  variable_not_unicode: { variable: string };
  /** `send` without a path. */
  paths_missing: Record<never, never>;
  /** `-` beside paths. */
  input_not_alone: Record<never, never>;
  /** --name for a source that has a name. */
  name_without_input: Record<never, never>;
  /** --name is longer than a file name can be. */
  name_too_long: { sizeBytes: number; maximumBytes: number };
  /** A command that takes options only. */
  argument_unwanted: { command: string; argument: string };
  /** The system opens links by application bundles only. */
  integration_unsupported: { system: string };
  argument_unexpected: { argument: string };
  /** Another pli serves the page of a home and does not answer. */
  page_silent: { home: string };
  /** pli runs from its sources, from which the page cannot be built. */
  page_unbuilt: Record<never, never>;
  /** No ticket on the command line, in the environment or on standard input. */
  ticket_missing: Record<never, never>;
  /** `resume --discard` without a choice. */
  discard_unchosen: Record<never, never>;
  /** `history --remove` without a choice. */
  remove_unchosen: Record<never, never>;
  /** The history has no entry of this number. */
  entry_unknown: { which: string };
  /** No unfinished download has this number or prefix. */
  download_unknown: { which: string };
  /** Several unfinished downloads have this prefix. */
  download_ambiguous: { which: string; numbers: readonly number[] };
  /** A question is needed, and there is no terminal. */
  consent_needed: { names: readonly string[]; consents: readonly Consent[] };
  /** No file of the offer matches --only. */
  nothing_chosen: { globs: readonly string[] };
  /** Standard input is a folder: `pli send - < FOLDER`. */
  input_is_folder: { purpose: InputPurpose };
  input_failed: Record<never, never>;
  /** Standard output cannot be written: its volume is full. */
  output_full: Record<never, never>;
  /** Standard output is a file at its maximum size, by `ulimit -f` or on its volume. */
  output_file_too_large: Record<never, never>;
  output_failed: Record<never, never>;
}

export type UsageCode = keyof UsageParameters;

export class UsageError<C extends UsageCode = UsageCode> extends Error {
  override readonly name = "UsageError";

  constructor(readonly code: C, readonly parameters: UsageParameters[C], options?: { cause?: unknown }) {
    super(`${code} ${JSON.stringify(parameters)}`, options);
  }
}

/** The error of an option with an invalid value. */
export function invalid(option: string, value: string, expected: Expectation, cause?: unknown): UsageError {
  return new UsageError("option_value_invalid", { option, value, expected }, { cause });
}

/** The error of options that exclude each other. */
export function exclusive(options: readonly string[]): UsageError {
  return new UsageError("options_exclusive", { options });
}
