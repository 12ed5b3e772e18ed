// The shape of the page's English catalogue, without the sentences that it shares with the terminal.

import type { Message } from "../../../words/sentence.ts";

/** Sentences for what only the page and its server can meet, beside the codes of the engine and the app. */
export type PageError =
  | "upload_failed"
  | "upload_refused"
  | "folder_unreadable"
  | "id_unknown"
  | "still_running"
  | "body_too_large"
  | "body_too_slow"
  | "body_cut"
  | "code_refused"
  | "code_reused"
  | "guesses_paced"
  | "user_refused"
  | "page_outdated"
  | "address_refused"
  | "page_mistaken"
  | "unknown";

export interface Shape {
  readonly page: Readonly<Record<string, Message>>;
  readonly errors: Readonly<Record<PageError, string>>;
  readonly advice: Readonly<Record<string, string>>;
}
