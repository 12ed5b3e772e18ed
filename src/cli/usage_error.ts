// What can be wrong with a command line and its surroundings, in the shape of the engine's errors: a code and named parameters.
// The sentences stand in words/.

/** What the value of an option has to be. */
export type Expectation =
  | "ticket_kind"
  | "file_name"
  | "time"
  | "speed"
  | "port"
  /** A port that needs no privilege. */
  | "open_port"
  | "free_port"
  | "origin"
  | "address";

/** Every code with its parameters. Options are named as they were typed. */
export interface UsageParameters {
  command_unknown: { command: string; nearest: string | null };
  option_unknown: { option: string; nearest: string | null };
  /** An option of another command. */
  option_misplaced: { option: string; command: string };
  option_without_value: { option: string };
  option_with_value: { option: string };
  option_value_invalid: { option: string; value: string; expected: Expectation };
  options_exclusive: { options: readonly string[] };
  /** `send` without a path. */
  paths_missing: Record<never, never>;
  /** `-` beside paths. */
  input_not_alone: Record<never, never>;
  /** --name for something that has a name. */
  name_without_input: Record<never, never>;
  /** A command that takes options only. */
  argument_unwanted: { command: string; argument: string };
  argument_unexpected: { argument: string };
  /** Another pli has the page of a home, and does not say where. */
  page_silent: { home: string };
  /** No ticket on the command line, in the environment or on standard input. */
  ticket_missing: Record<never, never>;
  /** `resume --discard` without saying what. */
  discard_unchosen: Record<never, never>;
  /** `history --remove` without saying what. */
  remove_unchosen: Record<never, never>;
  /** The history has no entry of this number. */
  entry_unknown: { which: string };
  /** No unfinished download has this number, or begins like this. */
  download_unknown: { which: string };
  /** Several unfinished downloads begin like this. */
  download_ambiguous: { which: string; numbers: readonly number[] };
  /** A question, and nobody to answer it. */
  consent_needed: { names: readonly string[] };
  /** Nothing that the ticket brings matches --only. */
  nothing_chosen: { globs: readonly string[] };
  /** Standard output takes no more: the volume that it goes to is full. */
  output_full: Record<never, never>;
  output_failed: Record<never, never>;
}

export type UsageCode = keyof UsageParameters;

export class UsageError<C extends UsageCode = UsageCode> extends Error {
  override readonly name = "UsageError";

  constructor(readonly code: C, readonly parameters: UsageParameters[C], options?: { cause?: unknown }) {
    super(`${code} ${JSON.stringify(parameters)}`, options);
  }
}
