// What a catalogue holds. English gives the keys, the errors and reasons of the engine and of the app theirs: a
// key that is missing in any language does not compile. Parameters are the `{names}` in the English sentences.

import type { AppErrorCode } from "../../../app/errors.ts";
import type { ErrorCode, NameFault, SkipReason, TicketFault, WaitReason } from "../../../engine/mod.ts";
import type { en } from "./en.ts";

/** Codes of the page and of its server that people can meet, beside those of the engine and the app. */
export type PageErrorCode =
  | "upload_failed"
  | "upload_refused"
  | "folder_unreadable"
  | "id_unknown"
  | "still_running"
  | "unknown";
export type WordedCode = ErrorCode | AppErrorCode | PageErrorCode;

/** The forms of a sentence that counts, by the categories of Intl.PluralRules. */
export type Plural = { readonly [C in Exclude<Intl.LDMLPluralRule, "other">]?: string } & {
  readonly other: string;
};

export interface Shape {
  readonly page: Readonly<Record<string, string | Plural>>;
  readonly skips: Readonly<Record<SkipReason, string>>;
  readonly waits: Readonly<Record<WaitReason, string>>;
  readonly ticketFaults: Readonly<Record<TicketFault, string>>;
  readonly nameFaults: Readonly<Record<NameFault, string>>;
  readonly errors: Readonly<Record<WordedCode, string>>;
  readonly advice: Readonly<Record<string, string>>;
}

type English = typeof en;
export type Key = keyof English["page"];
export type Advice = keyof English["advice"];

export interface Catalogue extends Shape {
  readonly page: { readonly [K in Key]: English["page"][K] extends string ? string : Plural };
  readonly advice: Readonly<Record<Advice, string>>;
}

type NamesIn<S> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | NamesIn<Rest> : never;
type SentencesOf<K extends Key> = English["page"][K] extends string ? English["page"][K]
  : English["page"][K][keyof English["page"][K]];
/** The names of the parameters of a message. */
export type ParametersOf<K extends Key> = NamesIn<SentencesOf<K>>;
