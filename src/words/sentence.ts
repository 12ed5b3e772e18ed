// Sentences of the catalogues: text with `{parameters}`, in plural forms where it contains a count, and the only
// place that fills them in. The names of the parameters are part of a sentence's type.

import { amountsIn } from "./amounts.ts";
import { abridged, SHOWN_PATH_LENGTH, visible } from "./visible.ts";

/** The plural forms of a sentence, by the categories of Intl.PluralRules. */
export type Plural = { readonly [C in Exclude<Intl.LDMLPluralRule, "other">]?: string } & {
  readonly other: string;
};
export type Message = string | Plural;
export type Parameter = string | number;
export type Parameters = Readonly<Record<string, unknown>>;

type NamesIn<S> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | NamesIn<Rest> : never;
type NamesOf<M> = NamesIn<M extends string ? M : M[keyof M]>;
/** The parameters of an English message, as arguments. */
export type ArgumentsOf<M> = [NamesOf<M>] extends [never] ? [] : [Readonly<Record<NamesOf<M>, Parameter>>];

/** Messages in another language: a plain sentence stays one, a plural message has that language's forms. */
export type TranslatedMessages<English> = {
  readonly [K in keyof English]: English[K] extends string ? string : Plural;
};
/** A catalogue in another language: groups of messages, and messages. */
export type Translated<English> = {
  readonly [K in keyof English]: English[K] extends string ? string : TranslatedMessages<English[K]>;
};

/** The locale and the direction of a language. */
export interface Voice {
  /** The tag for numbers and plural forms, with a region if known. */
  locale: string;
  isRightToLeft: boolean;
}

/** Parameters whose text comes from pli or Intl and is not escaped: it may contain direction marks. */
const TRUSTED = new Set([
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
  "folders",
  // A title with escaped names.
  "transfer",
  // Each is a sentence of its own, with an escaped path.
  "others",
]);

/** Parameters whose text is a path, or is typed, and can have thousands of characters. JSON lines have all of it. */
const LONG = new Set(["path", "folder", "home", "kept", "value", "glob", "nearest", "argument"]);

/** Fills in a message, in the plural form of its `count`. */
export function render(message: Message, parameters: Parameters, voice: Voice): string {
  if (typeof message === "string") return fill(message, parameters, voice);
  const form = new Intl.PluralRules(voice.locale).select(Number(parameters.count));
  return fill(message[form] ?? message.other, parameters, voice);
}

/** Fills in a sentence: numbers are formatted for the locale, names are escaped. */
export function fill(sentence: string, parameters: Parameters, { locale, isRightToLeft }: Voice): string {
  return sentence.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = parameters[name];
    if (typeof value === "number") return amountsIn(locale).number(value);
    const text = TRUSTED.has(name) ? String(value) : visible(shown(name, String(value ?? "…")));
    // Isolated: a name in another script would reorder the words around it.
    return isRightToLeft ? `\u2068${text}\u2069` : text;
  });
}

function shown(name: string, text: string): string {
  return LONG.has(name) ? abridged(text, SHOWN_PATH_LENGTH) : text;
}
