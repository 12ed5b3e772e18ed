// The language of the page: which one is used, and messages in it. Chosen in the settings or taken from the
// browser; every component that shows a message follows the signal. English is always there, the others are
// loaded when they are wanted.

import { computed, signal } from "@preact/signals";
import { shownName } from "./shown_name.ts";
import type { Catalogue, Key, ParametersOf, Plural } from "./words/catalogue.ts";
import { en } from "./words/en.ts";

/** How the words of each language are had. */
export const CATALOGUES: Readonly<Record<string, () => Promise<Catalogue>>> = {
  en: () => Promise.resolve(en),
  fr: async () => (await import("./words/fr.ts")).fr,
  de: async () => (await import("./words/de.ts")).de,
  es: async () => (await import("./words/es.ts")).es,
  it: async () => (await import("./words/it.ts")).it,
  pt: async () => (await import("./words/pt.ts")).pt,
  ar: async () => (await import("./words/ar.ts")).ar,
  zh: async () => (await import("./words/zh.ts")).zh,
};

/** Each language by its own name. */
export const LANGUAGES: readonly (readonly [tag: string, name: string])[] = [
  ["en", "English"],
  ["fr", "Français"],
  ["de", "Deutsch"],
  ["es", "Español"],
  ["it", "Italiano"],
  ["pt", "Português"],
  ["ar", "العربية"],
  ["zh", "中文"],
];

const RIGHT_TO_LEFT = ["ar"];
/** Parameters that are words of the page or of Intl already, with marks of direction that belong there. */
const OWN = ["size", "done", "total", "time", "date", "percent", "state", "fault", "chosen"];

/** The tag of the settings; null for the browser's languages. */
export const chosenLanguage = signal<string | null>(null);

const wanted = computed(() => pickLanguage(chosenLanguage.value, navigator.languages));
const shown = signal<{ tag: string; words: Catalogue }>({ tag: "en", words: en });

export const language = computed(() => shown.value.tag);
export const direction = computed(() => RIGHT_TO_LEFT.includes(language.value) ? "rtl" : "ltr");
export const words = computed<Catalogue>(() => shown.value.words);

/** With the region of the browser where it speaks the same language: it decides on dates and digits. */
export const locale = computed(() =>
  navigator.languages.find((tag) => tag.split("-")[0] === language.value) ?? language.value
);

export type Parameter = string | number;
type Arguments<K extends Key> = [ParametersOf<K>] extends [never] ? [] : [Record<ParametersOf<K>, Parameter>];

/** The chosen language if there is one, else the first of the browser's that pli has, else English. */
export function pickLanguage(chosen: string | null, preferred: readonly string[]): string {
  const base = (tag: string) => tag.toLowerCase().split("-")[0];
  return [...(chosen === null ? [] : [chosen]), ...preferred].map(base).find((tag) => tag in CATALOGUES) ??
    "en";
}

/** Shows the language that is wanted now; without its words, as when pli is gone, the one before stays. */
export async function showWanted(): Promise<void> {
  const tag = wanted.value;
  const words = await CATALOGUES[tag]().catch(() => null);
  if (words !== null && tag === wanted.value) shown.value = { tag, words };
}

/** A message of the page. A sentence that counts takes its form from `count`. */
export function t<K extends Key>(key: K, ...[parameters]: Arguments<K>): string {
  const message: string | Plural = words.value.page[key];
  const given: Readonly<Record<string, Parameter>> = parameters ?? {};
  if (typeof message === "string") return fill(message, given);
  return fill(
    message[new Intl.PluralRules(locale.value).select(Number(given.count))] ?? message.other,
    given,
  );
}

/** Puts parameters into a sentence: numbers as the language writes them, names made safe to show. */
export function fill(sentence: string, parameters: Readonly<Record<string, unknown>>): string {
  return sentence.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = parameters[name];
    if (typeof value === "number") return new Intl.NumberFormat(locale.value).format(value);
    const text = OWN.includes(name) ? String(value) : shownName(String(value ?? "…"));
    // Isolated, or a name in another script would pull the words around it along.
    return direction.value === "rtl" ? `\u2068${text}\u2069` : text;
  });
}
