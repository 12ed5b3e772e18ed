// Explains a thrown value: the code with its parameters, the exit code, the advice, and the chain of causes, as text
// and as a JSON line. A value of none of the three families of errors is a defect of pli.

import { AppError, type AppErrorParameters, fileLimitFault, systemCode } from "../../app/errors.ts";
import { isPipe } from "../../app/typed_names.ts";
import {
  type Consent,
  type ErrorParameters,
  isPliError,
  type LogFilterFault,
  type OfGivenPaths,
  PliError,
  type SkipReason,
} from "../../engine/mod.ts";
import { errorInWords } from "../../words/catalogue.ts";
import type { Parameters } from "../../words/sentence.ts";
import {
  EXIT,
  type ExitCode,
  type Expectation,
  type InputPurpose,
  UsageError,
  type UsageParameters,
} from "../errors.ts";
import { ENGLISH, type Words } from "../words.ts";
import type { Advice } from "../words/en.ts";
import { consentInWords } from "./download_report.ts";
import type { FailureWords, Output } from "./output.ts";

/** Parameters of all error codes. */
export type FailureParameters = ErrorParameters & AppErrorParameters & UsageParameters;
export type FailureCode = keyof FailureParameters;

interface Row<Parameters> {
  exit: ExitCode;
  /** Advice, one entry a sentence; `keptBytes` of a download are kept. */
  advice: readonly Advice[] | ((parameters: Parameters, keptBytes: number) => readonly Advice[]);
}

const tryAgain = (_: unknown, keptBytes: number): readonly Advice[] => [
  "checkSender",
  keptBytes === 0 ? "waitFor" : "goOn",
];

const sendAgain = (_: unknown, keptBytes: number): readonly Advice[] => {
  return keptBytes === 0 ? ["nothingKept", "sendAgain"] : ["keptPart", "sendAgain"];
};

/** Advice for a path that cannot be sent, besides excluding it. */
const UNSENDABLE: { readonly [R in SkipReason]?: readonly Advice[] } = {
  special_file: ["pipeIn"],
  size_unknown: ["pipeIn"],
  name_not_unicode: ["renameFirst", "pipeIn"],
  name_not_portable: ["renameFirst", "skipUnreadable"],
  name_too_long: ["renameFirst", "skipUnreadable"],
};

/** The advice without --skip-unreadable if that would not help: nothing is left, or another path does not exist. */
function possible(
  advice: readonly Advice[],
  { isNothingLeft, others = [] }: OfGivenPaths,
): readonly Advice[] {
  if (isNothingLeft !== true && others.every(({ reason }) => reason !== "missing")) return advice;
  const left = advice.filter((each) => each !== "skipUnreadable");
  return left.length === 0 ? ["nameOther"] : left;
}

/** Every error with its exit code and its advice, complete by its type. The sentences are in words/. */
export const CATALOGUE: { readonly [C in FailureCode]: Row<FailureParameters[C]> } = {
  ticket_malformed: { exit: EXIT.usage, advice: ["copyTicket"] },
  relay_url_invalid: { exit: EXIT.usage, advice: ["relayOption"] },
  relay_needed: { exit: EXIT.usage, advice: ["withRelay"] },
  relay_url_ipv6: { exit: EXIT.usage, advice: ["relayName"] },
  qlog_unsupported: { exit: EXIT.failed, advice: ["qlogChoice"] },
  trust_unsupported: { exit: EXIT.failed, advice: ["bindingHelp"] },
  secret_invalid: { exit: EXIT.usage, advice: ["secretForm"] },
  binding_missing: { exit: EXIT.failed, advice: ["reinstall", "bindingHelp"] },
  addon_outdated: { exit: EXIT.failed, advice: ["rebuildAddon"] },
  binding_unknown: { exit: EXIT.usage, advice: ["bindingChoice"] },
  bind_failed: { exit: EXIT.failed, advice: ["otherAddress"] },
  path_missing: { exit: EXIT.failed, advice: ["spelling"] },
  source_denied: {
    exit: EXIT.disk,
    advice: (parameters) => possible(["checkReader", "skipUnreadable"], parameters),
  },
  source_unsendable: {
    exit: EXIT.failed,
    advice: (parameters) => {
      const { reason, path } = parameters;
      const isUnreadable = reason === "special_file" && !isPipe(path);
      return possible((isUnreadable ? undefined : UNSENDABLE[reason]) ?? ["skipUnreadable"], parameters);
    },
  },
  nothing_to_send: { exit: EXIT.failed, advice: ["regular", "excluded"] },
  share_too_large: { exit: EXIT.failed, advice: ["parts"] },
  too_many_folders: { exit: EXIT.failed, advice: ["parts"] },
  source_changed: { exit: EXIT.corrupt, advice: ["leaveAlone"] },
  peer_unreachable: { exit: EXIT.unreachable, advice: tryAgain },
  connection_lost: { exit: EXIT.unreachable, advice: tryAgain },
  stream_reset: { exit: EXIT.unreachable, advice: tryAgain },
  peer_refused: { exit: EXIT.refused, advice: ["oneReceiver", "newTicket"] },
  source_lost: { exit: EXIT.corrupt, advice: sendAgain },
  wrong_bytes: { exit: EXIT.corrupt, advice: sendAgain },
  message_malformed: { exit: EXIT.corrupt, advice: ["otherProgram"] },
  limit_exceeded: { exit: EXIT.corrupt, advice: ["lessAtATime"] },
  name_refused: { exit: EXIT.corrupt, advice: ["attack"] },
  declined: { exit: EXIT.failed, advice: ["nothingWritten", "onlySome"] },
  not_one_file: { exit: EXIT.usage, advice: ["chooseOne"] },
  destination_busy: { exit: EXIT.failed, advice: ["waitOrOtherFolder"] },
  disk_full: {
    exit: EXIT.disk,
    advice: (_, keptBytes) => keptBytes === 0 ? ["makeRoomOrElsewhere"] : ["makeRoom", "goOn", "keptWhere"],
  },
  disk_read_only: {
    exit: EXIT.disk,
    advice: (_, keptBytes) => keptBytes === 0 ? ["otherFolder"] : ["otherFolder", "goOn"],
  },
  disk_denied: { exit: EXIT.disk, advice: ["checkAccess"] },
  path_not_unicode: { exit: EXIT.failed, advice: ["renameIt"] },
  disk_failed: { exit: EXIT.disk, advice: ["tryVerbose"] },
  disk_other_volume: { exit: EXIT.disk, advice: ["otherFolder"] },
  disk_file_too_large: { exit: EXIT.disk, advice: ["otherFolder"] },
  disk_file_limit: {
    exit: EXIT.disk,
    advice: (_, keptBytes) => keptBytes === 0 ? ["raiseFileLimit"] : ["raiseFileLimit", "goOn"],
  },
  disk_name_invalid: { exit: EXIT.disk, advice: ["otherFolder"] },
  disk_gone: { exit: EXIT.disk, advice: ["connectDisk"] },
  disk_in_use: { exit: EXIT.disk, advice: ["waitOrElsewhere"] },
  too_many_open_files: { exit: EXIT.disk, advice: ["fewerOpen"] },
  destination_changed: { exit: EXIT.disk, advice: ["otherFolder"] },
  destination_not_folder: { exit: EXIT.disk, advice: ["otherFolder"] },
  destination_gone: { exit: EXIT.disk, advice: ["moveBack"] },
  cancelled: { exit: EXIT.interrupted, advice: (_, keptBytes) => [keptBytes === 0 ? "sameAgain" : "goOn"] },
  internal: { exit: EXIT.failed, advice: ["report", "verboseReport"] },

  home_unknown: { exit: EXIT.disk, advice: ["setHome"] },
  home_denied: { exit: EXIT.disk, advice: ["home"] },
  home_file_too_large: { exit: EXIT.disk, advice: ["raiseLimit"] },
  home_read_only: { exit: EXIT.disk, advice: ["makeWritable"] },
  home_full: { exit: EXIT.disk, advice: ["makeRoomHome"] },
  home_foreign: { exit: EXIT.disk, advice: ["ownFolder"] },
  home_shared: { exit: EXIT.disk, advice: ["ownFolder"] },
  home_unusable: { exit: EXIT.disk, advice: ["home", "tryVerbose"] },

  command_unknown: {
    exit: EXIT.usage,
    advice: ({ nearest, given }) => {
      if (given === "ticket") return ["receiveBefore"];
      const meant: readonly Advice[] = nearest === null ? [] : ["meantCommand"];
      if (given === "path") return [...meant, "sendThis"];
      return nearest === null ? ["sendBefore", "seeHelp"] : meant;
    },
  },
  option_unknown: {
    exit: EXIT.usage,
    advice: ({ nearest, command, commands }) => {
      if (nearest !== null) return commands.length === 0 ? ["meantOption"] : ["meantOption", "ofCommands"];
      return command === "send" ? ["dashPath", "seeHelp"] : ["seeHelp"];
    },
  },
  option_misplaced: { exit: EXIT.usage, advice: ["leaveOut"] },
  option_without_value: { exit: EXIT.usage, advice: ["valueAfter"] },
  option_with_value: { exit: EXIT.usage, advice: ["writeAlone"] },
  option_value_invalid: { exit: EXIT.usage, advice: ["takes"] },
  log_filter_invalid: { exit: EXIT.usage, advice: ["logFilter"] },
  options_exclusive: { exit: EXIT.usage, advice: ["giveOne"] },
  argument_empty: { exit: EXIT.usage, advice: ["checkVariable"] },
  working_folder_unusable: { exit: EXIT.failed, advice: ["otherWorkingFolder"] },
  output_unusable: {
    exit: EXIT.disk,
    advice: ({ reason }) => [reason === "special_file" ? "pipeOut" : "otherFolder"],
  },
  variable_not_unicode: { exit: EXIT.usage, advice: ["otherVariable"] },
  paths_missing: { exit: EXIT.usage, advice: ["namePaths"] },
  input_not_alone: { exit: EXIT.usage, advice: ["inputAlone"] },
  name_without_input: { exit: EXIT.usage, advice: ["renameOrPipe"] },
  name_too_long: { exit: EXIT.usage, advice: ["shorterName"] },
  integration_unsupported: { exit: EXIT.failed, advice: ["terminalAndPage"] },
  argument_unexpected: { exit: EXIT.usage, advice: ["ticketAlone"] },
  ticket_missing: { exit: EXIT.usage, advice: ["giveTicket"] },
  argument_unwanted: {
    exit: EXIT.usage,
    advice: ({ command, argument }) => {
      if (command === "history") return ["removeEntry"];
      if (command === "integrate") return ["seeHelp"];
      return [argument.startsWith("blob") ? "receiveOrPaste" : "sendOrDrop"];
    },
  },
  discard_unchosen: { exit: EXIT.usage, advice: ["giveNumberOrAll"] },
  remove_unchosen: { exit: EXIT.usage, advice: ["giveEntry"] },
  entry_unknown: { exit: EXIT.failed, advice: ["seeEntries"] },
  download_unknown: { exit: EXIT.failed, advice: ["seeList"] },
  download_ambiguous: { exit: EXIT.usage, advice: ["giveNumber"] },
  consent_needed: {
    exit: EXIT.usage,
    advice: ({ names }) => names.length === 0 ? ["acceptWithYes"] : ["consentAbout", "acceptWithYes"],
  },
  nothing_chosen: { exit: EXIT.failed, advice: ["seeNames"] },
  input_is_folder: {
    exit: EXIT.usage,
    advice: ({ purpose }) => [purpose === "data" ? "sendFolder" : "ticketFile"],
  },
  input_failed: { exit: EXIT.disk, advice: ["tryVerbose"] },
  output_full: { exit: EXIT.disk, advice: ["makeRoom"] },
  output_file_too_large: { exit: EXIT.disk, advice: ["tryVerbose"] },
  output_failed: { exit: EXIT.disk, advice: ["tryVerbose"] },
  page_unbuilt: { exit: EXIT.failed, advice: ["tryVerbose"] },
  page_silent: { exit: EXIT.failed, advice: ["endOther", "separateMeanwhile"] },
};

/** Parameters that the user typed. */
const TYPED = ["command", "argument", "which"];
const TYPED_CHARACTERS = 24;

/** What is kept of a transfer that has ended. */
export interface Kept {
  /** The ticket of a share: whether the same command makes it again, perhaps without --new. */
  ticket?: "kept" | "kept_without_new" | "lost";
  /** Bytes of a download. */
  bytes: number;
  /** The folder of the download; null if there is none. */
  folder: string | null;
  /** Whether `pli resume` lists it. */
  isListed: boolean;
  /** Bytes that were written to standard output. */
  writtenBytes: number;
}

export interface Failure {
  code: FailureCode;
  parameters: Readonly<Record<string, unknown>>;
  exit: ExitCode;
  advice: readonly Advice[];
  /** Bytes of the download that are kept. */
  keptBytes: number;
  /** The folder in which they are. */
  folder: string | null;
  /** Bytes that were written to standard output. */
  writtenBytes: number;
  /** The causes, the nearest first, in their original texts. */
  causes: string[];
}

/** Replaces advice about a listed download by that about one that `pli resume` does not list. */
const UNLISTED: Readonly<Partial<Record<Advice, Advice>>> = {
  goOn: "goOnUnlisted",
  keptWhere: "keptWhereUnlisted",
  keptPart: "keptPartUnlisted",
};
/** Replaces the advice to repeat the command, by which its ticket is made again. */
const REPEATED = {
  kept: "sameAgain",
  kept_without_new: "sameWithoutNew",
  lost: "otherTicket",
} as const satisfies Record<NonNullable<Kept["ticket"]>, Advice>;
/** The meaning of an error of standard output's file, by the system's code. */
const OUTPUT_FAULTS: Readonly<Record<string, "output_full" | "output_file_too_large">> = {
  ENOSPC: "output_full",
  EDQUOT: "output_full",
  EFBIG: "output_file_too_large",
};
const NOTHING_KEPT: Kept = { bytes: 0, folder: null, isListed: true, writtenBytes: 0 };

/** Explains a thrown value; `kept` is the kept data of the download that it ended. */
export function explain(thrown: unknown, kept = NOTHING_KEPT): Failure {
  const error = fileLimitFault(thrown);
  if (isPliError(error)) return describe(error.code, error.parameters, error, kept);
  if (error instanceof AppError) return describe(error.code, error.parameters, error);
  if (error instanceof UsageError) return describe(error.code, error.parameters, error);
  const failure = describe("internal", { what: inItsWords(error) }, error instanceof Error ? error : null);
  // A report of a defect needs its stack.
  if (error instanceof Error && error.stack !== undefined) failure.causes.unshift(error.stack);
  return failure;
}

/** The error for a standard input that cannot be read. */
export function inputFailure(cause: unknown, purpose: InputPurpose): UsageError {
  if (systemCode(cause) === "EISDIR") return new UsageError("input_is_folder", { purpose }, { cause });
  return new UsageError("input_failed", {}, { cause });
}

/** The error for a standard output that cannot be written; null if its reader has closed it. */
export function outputFailure(cause: unknown): UsageError | null {
  if (cause instanceof Deno.errors.BrokenPipe) return null;
  return new UsageError(OUTPUT_FAULTS[systemCode(cause)] ?? "output_failed", {}, { cause });
}

function describe<C extends FailureCode>(
  code: C,
  parameters: FailureParameters[C],
  error: Error | null,
  kept = NOTHING_KEPT,
): Failure {
  const { exit, advice: choose } = CATALOGUE[code];
  const advice = typeof choose === "function" ? choose(parameters, kept.bytes) : choose;
  return {
    code,
    parameters: Object.fromEntries(
      Object.entries<unknown>(parameters).map(([name, value]) => {
        return [name, TYPED.includes(name) && typeof value === "string" ? shortened(value) : value];
      }),
    ),
    exit,
    advice: advice.map((key) => {
      if (key === "nothingKept" && kept.writtenBytes > 0) return "writtenPart";
      if (key === "sameAgain") return REPEATED[kept.ticket ?? "kept"];
      return kept.isListed ? key : UNLISTED[key] ?? key;
    }),
    keptBytes: kept.bytes,
    folder: kept.folder,
    writtenBytes: kept.writtenBytes,
    causes: causesOf(error),
  };
}

/** Shortened, because a text may be a whole ticket, which is a secret. */
function shortened(text: string): string {
  return text.length > TYPED_CHARACTERS ? `${text.slice(0, TYPED_CHARACTERS - 4)}…` : text;
}

function causesOf(error: Error | null): string[] {
  const causes: string[] = [];
  const seen = new Set<unknown>([error]);
  let cause = error?.cause;
  while (cause !== undefined && cause !== null && !seen.has(cause)) {
    seen.add(cause);
    causes.push(inItsWords(cause));
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return causes;
}

function inItsWords(value: unknown): string {
  return value instanceof Error ? `${value.name}: ${value.message}` : String(value);
}

export function failureInWords(
  { code, parameters, advice, keptBytes, folder, writtenBytes }: Failure,
  words: Words,
): FailureWords {
  const amounts = {
    kept: words.size(keptBytes),
    written: words.size(writtenBytes),
    ...(folder !== null && { folder }),
  };
  const shown = shownParameters({ ...parameters, ...amounts }, words);
  return {
    message: errorInWords(code, shown, words.catalogue, words.voice),
    advice: advice.map((key) => words.fill(words.catalogue.advice[key], shown)).join(" "),
  };
}

function shownParameters(parameters: Parameters, words: Words): Parameters {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [name, shownParameter(name, value, parameters, words)]),
  );
}

function shownParameter(name: string, value: unknown, all: Parameters, words: Words): unknown {
  if (name === "logFault") {
    return words.fill(words.catalogue.logFaults[value as LogFilterFault["reason"]], all);
  }
  // Written by the catalogue, with their reasons.
  if (name === "others") return value;
  if (name === "consents") {
    const consents = value as readonly Consent[];
    return words.listed(consents.map((consent) => consentInWords(consent, words)), consents.length);
  }
  // Each of them, because the others are not advised.
  if (name === "commands") return words.amounts.list(value as readonly string[]);
  if (name === "expected") return words.catalogue.expected[value as Expectation];
  if (Array.isArray(value)) return words.listed(value.map(String), value.length);
  return value;
}

/** Maximum number of lines of a cause: those of the binding contain a stack. */
const CAUSE_LINES = 12;

/** The output of a command that has ended, and the kept data. */
type Ended = { output: Output; kept: Kept };

/** Reports a failure. Returns its exit code. */
export function reportFailure(error: unknown, { output, kept }: Ended, isVerbose: boolean): ExitCode {
  const failure = explain(error, kept);
  const { words } = output;
  const { message, advice } = printAsJson(failure, output);
  output.sayDespiteQuiet(words.say("error", { message }), "bad");
  output.sayDespiteQuiet(advice);
  if (isVerbose) verboseLines(failure, words).forEach((line) => output.sayDespiteQuiet(line, "faint"));
  return failure.exit;
}

/** Reports that a command was stopped, without the errors that this caused. */
export function reportStop({ output, kept }: Ended): void {
  const { message, advice } = printAsJson(explain(new PliError("cancelled", {}), kept), output);
  output.say(`${message} ${advice}`);
}

/** Prints a failure as a JSON line, in English. Returns its sentences in the user's language. */
function printAsJson(failure: Failure, output: Output): FailureWords {
  const { code, parameters } = failure;
  output.json({ type: "error", code, parameters, ...failureInWords(failure, ENGLISH) });
  return failureInWords(failure, output.words);
}

/** Details besides the sentences: the code, its parameters, and the causes. */
function verboseLines({ code, parameters, causes }: Failure, words: Words): string[] {
  return [`  ${code} ${JSON.stringify(parameters)}`, ...causes.flatMap((cause) => causeLines(cause, words))];
}

/** A cause in indented lines, which cannot be confused with lines of pli. */
function causeLines(cause: string, words: Words): string[] {
  return cause.trim().split("\n").slice(0, CAUSE_LINES).map((line, index) => {
    return index === 0 ? `  ${words.say("causedBy", { cause: line })}` : `  | ${line}`;
  });
}
