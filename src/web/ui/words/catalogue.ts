// What a catalogue of the page holds: what is said everywhere (src/words), and the page's own. English gives the
// keys: one that is missing in any language does not compile.

import type { ArgumentsOf, Message, Translated } from "../../../words/sentence.ts";
import type { en } from "./en.ts";

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
  | "page_outdated"
  | "address_refused"
  | "page_mistaken"
  | "unknown";

/** What English has to have. */
export interface Shape {
  readonly page: Readonly<Record<string, Message>>;
  readonly errors: Readonly<Record<PageError, string>>;
  readonly advice: Readonly<Record<string, string>>;
}

export type Catalogue = Translated<typeof en>;
export type Key = keyof typeof en.page;
export type ErrorKey = keyof typeof en.errors;
export type Advice = keyof typeof en.advice;
export type ArgumentsFor<K extends Key> = ArgumentsOf<typeof en.page[K]>;
