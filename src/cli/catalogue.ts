// Every error with its exit code and which advice is given for it. The table is complete by its type: a code
// that is added to a family of errors does not compile before it stands here. The sentences are in words/.

import type { AppErrorParameters } from "../app/errors.ts";
import type { ErrorParameters } from "../engine/mod.ts";
import { EXIT, type ExitCode } from "./exit_codes.ts";
import type { UsageParameters } from "./usage_error.ts";
import type { Advice } from "./words/catalogue.ts";

/** All that a command can fail with. */
export type FailureParameters = ErrorParameters & AppErrorParameters & UsageParameters;
export type FailureCode = keyof FailureParameters;

export interface Row<Parameters> {
  exit: ExitCode;
  /** What to do, sentence by sentence; `keptBytes` are here of a download, for going on with it. */
  advice: readonly Advice[] | ((parameters: Parameters, keptBytes: number) => readonly Advice[]);
}

const tryAgain = (_: unknown, keptBytes: number): readonly Advice[] => [
  "checkSender",
  keptBytes === 0 ? "waitFor" : "goOn",
];

export const CATALOGUE: { readonly [C in FailureCode]: Row<FailureParameters[C]> } = {
  ticket_malformed: { exit: EXIT.usage, advice: ["copyTicket"] },
  ticket_unsupported: { exit: EXIT.usage, advice: ["namedTicket"] },
  relay_url_invalid: { exit: EXIT.usage, advice: ["relayOption"] },
  secret_invalid: { exit: EXIT.usage, advice: ["secretForm"] },
  binding_missing: { exit: EXIT.failed, advice: ["reinstall", "bindingHelp"] },
  binding_unknown: { exit: EXIT.usage, advice: ["bindingChoice"] },
  bind_failed: { exit: EXIT.failed, advice: ["otherAddress"] },
  path_missing: { exit: EXIT.failed, advice: ["spelling"] },
  nothing_to_send: { exit: EXIT.failed, advice: ["regular", "excluded"] },
  share_too_large: { exit: EXIT.failed, advice: ["parts"] },
  source_changed: { exit: EXIT.corrupt, advice: ["leaveAlone"] },
  peer_unreachable: { exit: EXIT.unreachable, advice: tryAgain },
  connection_lost: { exit: EXIT.unreachable, advice: tryAgain },
  stream_reset: { exit: EXIT.unreachable, advice: tryAgain },
  peer_refused: { exit: EXIT.refused, advice: ["oneReceiver", "newTicket"] },
  source_lost: { exit: EXIT.corrupt, advice: ["sendAgain"] },
  wrong_bytes: { exit: EXIT.corrupt, advice: ["sendAgain"] },
  message_malformed: { exit: EXIT.corrupt, advice: ["otherProgram"] },
  limit_exceeded: { exit: EXIT.corrupt, advice: ["lessAtATime"] },
  name_refused: { exit: EXIT.corrupt, advice: ["attack"] },
  declined: { exit: EXIT.failed, advice: ["nothingWritten"] },
  not_one_file: { exit: EXIT.usage, advice: ["chooseOne"] },
  destination_busy: { exit: EXIT.failed, advice: ["waitOrElsewhere"] },
  disk_full: {
    exit: EXIT.disk,
    advice: (_, keptBytes) => keptBytes === 0 ? ["makeRoomOrElsewhere"] : ["makeRoom", "goOn"],
  },
  disk_read_only: { exit: EXIT.disk, advice: ["otherFolder"] },
  disk_denied: { exit: EXIT.disk, advice: ["checkAccess"] },
  disk_failed: { exit: EXIT.disk, advice: ["tryVerbose"] },
  destination_not_folder: { exit: EXIT.disk, advice: ["otherFolder"] },
  cancelled: { exit: EXIT.interrupted, advice: (_, keptBytes) => [keptBytes === 0 ? "sameAgain" : "goOn"] },
  internal: { exit: EXIT.failed, advice: ["report", "verboseReport"] },

  home_unknown: { exit: EXIT.disk, advice: ["setHome"] },
  home_denied: { exit: EXIT.disk, advice: ["home"] },
  home_full: { exit: EXIT.disk, advice: ["makeRoomHome"] },
  home_unusable: { exit: EXIT.disk, advice: ["home", "tryVerbose"] },

  command_unknown: {
    exit: EXIT.usage,
    advice: ({ command, nearest }) => {
      if (command.startsWith("blob")) return ["receiveBefore"];
      return nearest === null ? ["sendBefore", "seeHelp"] : ["meantCommand"];
    },
  },
  option_unknown: {
    exit: EXIT.usage,
    advice: ({ nearest }) => [nearest === null ? "seeHelp" : "meantOption"],
  },
  option_misplaced: { exit: EXIT.usage, advice: ["leaveOut"] },
  option_without_value: { exit: EXIT.usage, advice: ["valueAfter"] },
  option_with_value: { exit: EXIT.usage, advice: ["writeAlone"] },
  option_value_invalid: { exit: EXIT.usage, advice: ["takes"] },
  options_exclusive: { exit: EXIT.usage, advice: ["giveOne"] },
  paths_missing: { exit: EXIT.usage, advice: ["namePaths"] },
  input_not_alone: { exit: EXIT.usage, advice: ["inputAlone"] },
  name_without_input: { exit: EXIT.usage, advice: ["renameFirst"] },
  argument_unexpected: { exit: EXIT.usage, advice: ["ticketAlone"] },
  ticket_missing: { exit: EXIT.usage, advice: ["giveTicket"] },
  argument_unwanted: {
    exit: EXIT.usage,
    advice: ({ command, argument }) => {
      if (command === "history") return ["removeEntry"];
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
  output_full: { exit: EXIT.disk, advice: ["makeRoom"] },
  output_failed: { exit: EXIT.disk, advice: ["tryVerbose"] },
  page_silent: { exit: EXIT.failed, advice: ["endOther", "separateMeanwhile"] },
};
