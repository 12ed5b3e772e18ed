// Sentences of the catalogues: text with `{parameters}`, in several forms where something is counted, and the one
// place that fills them. The names of the parameters are part of a sentence's type.

import { amountsIn } from "./amounts.ts";
import { visible } from "./visible.ts";

/** The forms of a sentence that counts, by the categories of Intl.PluralRules. */
export type Plural = { readonly [C in Exclude<Intl.LDMLPluralRule, "other">]?: string } & {
  readonly other: string;
};
export type Message = string | Plural;
export type Parameter = string | number;
export type Parameters = Readonly<Record<string, unknown>>;

type NamesIn<S> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | NamesIn<Rest> : never;
type NamesOf<M> = NamesIn<M extends string ? M : M[keyof M]>;
/** What has to be given to say an English message. */
export type ArgumentsOf<M> = [NamesOf<M>] extends [never] ? [] : [Readonly<Record<NamesOf<M>, Parameter>>];

/** Messages in another language: what is one sentence stays one, what counts has forms. */
export type TranslatedMessages<English> = {
  readonly [K in keyof English]: English[K] extends string ? string : Plural;
};
/** A catalogue in another language: groups of messages, and messages. */
export type Translated<English> = {
  readonly [K in keyof English]: English[K] extends string ? string : TranslatedMessages<English[K]>;
};

/** How a language is written. */
export interface Voice {
  /** The tag for numbers and forms, with a region if there is one. */
  locale: string;
  isRightToLeft: boolean;
}

/** Parameters that are words of ours or of Intl already, with marks of direction that belong there. */
const WORDED = new Set([
  "size",
  "done",
  "total",
  "speed",
  "time",
  "date",
  "percent",
  "state",
  "fault",
  "chosen",
  "reason",
  "files",
]);

/** Puts parameters into a message, in the form that its `count` asks for. */
export function render(message: Message, parameters: Parameters, voice: Voice): string {
  if (typeof message === "string") return fill(message, parameters, voice);
  const form = new Intl.PluralRules(voice.locale).select(Number(parameters.count));
  return fill(message[form] ?? message.other, parameters, voice);
}

/** Puts parameters into a sentence: numbers as the language writes them, names made safe to show. */
export function fill(sentence: string, parameters: Parameters, { locale, isRightToLeft }: Voice): string {
  return sentence.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = parameters[name];
    if (typeof value === "number") return amountsIn(locale).number(value);
    const text = WORDED.has(name) ? String(value) : visible(String(value ?? "…"));
    // Isolated, or a name in another script would pull the words around it along.
    return isRightToLeft ? `\u2068${text}\u2069` : text;
  });
}
