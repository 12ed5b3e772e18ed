// Sentences for a Failure: the error and advice. Every code of the engine, the app and the server has both; an unknown
// code is shown as it is.

import { errorInWords, noticeInWords as commonNotice } from "../../words/catalogue.ts";
import type { Failure, Notice, ServerCode } from "../contract.ts";
import { size } from "./format.ts";
import { t, voice, words } from "./language.ts";
import type { Advice, ErrorKey } from "./words/catalogue.ts";

const ADVICE: Readonly<Record<ErrorKey, Advice | null>> = {
  ticket_malformed: "copyTicket",
  relay_url_invalid: "relay",
  relay_needed: "enableRelay",
  relay_url_ipv6: "relay",
  qlog_unsupported: "reinstall",
  trust_unsupported: "reinstall",
  secret_invalid: "environment",
  binding_missing: "reinstall",
  addon_outdated: "rebuildAddon",
  binding_unknown: "environment",
  bind_failed: "retry",
  path_missing: "checkPath",
  source_denied: "checkPath",
  source_unsendable: "withoutIt",
  nothing_to_send: "regular",
  source_changed: "leaveAlone",
  share_too_large: "parts",
  too_many_folders: "parts",
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
  path_not_unicode: "renameIt",
  disk_failed: "checkPath",
  disk_other_volume: "otherFolder",
  disk_file_too_large: "otherFolder",
  disk_file_limit: "raiseFileLimit",
  disk_name_invalid: "otherFolder",
  disk_gone: "connectDisk",
  disk_in_use: "retry",
  too_many_open_files: "fewerOpen",
  destination_changed: "otherFolder",
  destination_not_folder: "otherFolder",
  destination_gone: "otherFolder",
  cancelled: null,
  internal: "report",
  home_unknown: "home",
  home_denied: "home",
  home_read_only: "home",
  home_full: "makeRoom",
  home_file_too_large: "home",
  home_unusable: "home",
  home_foreign: "ownFolder",
  home_shared: "ownFolder",
  upload_failed: "fileChanged",
  upload_refused: "retry",
  folder_unreadable: "checkPath",
  id_unknown: null,
  still_running: null,
  body_too_large: "parts",
  body_too_slow: "retry",
  body_cut: "retry",
  code_refused: "newCode",
  code_reused: "newCode",
  guesses_paced: null,
  user_refused: "newCode",
  page_outdated: "reopen",
  address_refused: "address",
  page_mistaken: "reload",
  unknown: "retry",
};

/** Sentences of the server's codes. Most of them are caused only by defects or by other programs. */
const SERVER: Readonly<Record<ServerCode, ErrorKey>> = {
  id_unknown: "id_unknown",
  still_running: "still_running",
  folder_unreadable: "folder_unreadable",
  upload_refused: "upload_refused",
  internal: "internal",
  body_too_large: "body_too_large",
  body_too_slow: "body_too_slow",
  body_cut: "body_cut",
  code_spent: "code_refused",
  code_reused: "code_reused",
  guesses_paced: "guesses_paced",
  user_refused: "user_refused",
  session_ended: "code_reused",
  secret_wrong: "page_outdated",
  session_missing: "page_outdated",
  session_unknown: "page_outdated",
  authority_unknown: "address_refused",
  origin_refused: "address_refused",
  site_refused: "address_refused",
  preflight_refused: "address_refused",
  route_unknown: "page_mistaken",
  body_type_wrong: "page_mistaken",
  body_length_missing: "page_mistaken",
  body_not_json: "page_mistaken",
  body_invalid: "page_mistaken",
  query_invalid: "page_mistaken",
  target_malformed: "page_mistaken",
  method_refused: "page_mistaken",
  request_malformed: "page_mistaken",
  expectation_refused: "page_mistaken",
};

export interface FailureWords {
  message: string;
  advice: string | null;
}

/** Advice in place of another where a ticket is looked into: there is no transfer to go on with. */
const PREVIEW_ADVICE: Readonly<Partial<Record<Advice, Advice>>> = { again: "lookAgain" };

/** The sentences of a failure; `isPreview` if it is one of looking into a ticket. */
export function failureInWords({ code, parameters }: Failure, isPreview = false): FailureWords {
  if (code === "offline") return { message: t("offline"), advice: null };
  const key = sentenceFor(code);
  const about = { what: code, code, ...parameters, size: size(Number(parameters.maximum)) };
  // Without the rest there is nothing to advise.
  const general = key === "source_unsendable" && parameters.isNothingLeft ? null : ADVICE[key];
  const advice = general !== null && isPreview ? PREVIEW_ADVICE[general] ?? general : general;
  return {
    message: errorInWords(key, about, words.value, voice.value),
    advice: advice === null ? null : words.value.advice[advice],
  };
}

/** The sentence of a notice. */
export function noticeInWords(notice: Notice): string {
  return commonNotice(notice, words.value, voice.value);
}

function sentenceFor(code: string): ErrorKey {
  if (Object.hasOwn(SERVER, code)) return SERVER[code as ServerCode];
  return Object.hasOwn(ADVICE, code) ? code as ErrorKey : "unknown";
}
