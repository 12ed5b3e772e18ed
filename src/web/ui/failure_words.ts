// A Failure in words: what happened, and what to do. Every code of the engine and the app has its advice; a code
// that the page does not know is shown as it is.

import type { Failure } from "../contract.ts";
import { fill, t, words } from "./language.ts";
import type { Advice, WordedCode } from "./words/catalogue.ts";

const ADVICE: Readonly<Record<WordedCode, Advice | null>> = {
  ticket_malformed: "copyTicket",
  ticket_unsupported: "newTicket",
  relay_url_invalid: "relay",
  secret_invalid: "environment",
  binding_missing: "reinstall",
  binding_unknown: "environment",
  bind_failed: "retry",
  path_missing: "checkPath",
  nothing_to_send: "regular",
  source_changed: "leaveAlone",
  share_too_large: "parts",
  peer_unreachable: "again",
  connection_lost: "again",
  stream_reset: "again",
  peer_refused: "newTicket",
  source_lost: "sendAgain",
  wrong_bytes: "sendAgain",
  message_malformed: "newTicket",
  limit_exceeded: "newTicket",
  name_refused: "attack",
  declined: null,
  not_one_file: null,
  destination_busy: "wait",
  disk_full: "makeRoom",
  disk_read_only: "otherFolder",
  disk_denied: "checkPath",
  disk_failed: "checkPath",
  destination_not_folder: "otherFolder",
  cancelled: null,
  internal: "report",
  home_unknown: "home",
  home_denied: "home",
  home_full: "makeRoom",
  home_unusable: "home",
  upload_failed: "fileChanged",
  upload_refused: "retry",
  folder_unreadable: "checkPath",
  id_unknown: null,
  still_running: null,
  unknown: "retry",
};

export interface FailureWords {
  message: string;
  advice: string | null;
}

export function failureInWords({ code, parameters }: Failure): FailureWords {
  if (code === "offline") return { message: t("offline"), advice: null };
  const { errors, advice, ticketFaults, nameFaults } = words.value;
  if (!Object.hasOwn(errors, code)) return failureInWords({ code: "unknown", parameters: { code } });
  const known = code as WordedCode;
  const faults: Readonly<Record<string, string>> = known === "ticket_malformed" ? ticketFaults : nameFaults;
  const fault = faults[String(parameters.fault)] ?? parameters.fault;
  const key = ADVICE[known];
  return {
    message: fill(errors[known], { ...parameters, fault }),
    advice: key === null ? null : advice[key],
  };
}
