// The language of the page, from the settings or the browser, and its messages. Components that show a message follow
// the signal. English is always loaded, the others on demand.

import { computed, signal } from "@preact/signals";
import { render, type Voice } from "../../words/sentence.ts";
import type { ArgumentsFor, Catalogue, Key } from "./words/catalogue.ts";
import { en } from "./words/en.ts";

/** Loads the catalogue of each language. */
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

/** The tag of the settings; null for the browser's languages. */
export const chosenLanguage = signal<string | null>(null);

const targetLanguage = computed(() => pickLanguage(chosenLanguage.value, navigator.languages));
const shown = signal<{ tag: string; words: Catalogue }>({ tag: "en", words: en });

export const language = computed(() => shown.value.tag);
export const direction = computed(() => RIGHT_TO_LEFT.includes(language.value) ? "rtl" : "ltr");
export const words = computed<Catalogue>(() => shown.value.words);

/** With the region of the browser if it has the same language, for dates and digits. */
export const locale = computed(() =>
  navigator.languages.find((tag) => tag.split("-")[0] === language.value) ?? language.value
);

export const voice = computed<Voice>(() => ({
  locale: locale.value,
  isRightToLeft: direction.value === "rtl",
}));

/** The chosen language, else the first of the browser's that pli has, else English. */
export function pickLanguage(chosen: string | null, preferred: readonly string[]): string {
  const base = (tag: string) => tag.toLowerCase().split("-")[0];
  return [...(chosen === null ? [] : [chosen]), ...preferred].map(base).find((tag) => tag in CATALOGUES) ??
    "en";
}

/** Shows the chosen language. If its words cannot be loaded, the one before stays. */
export async function applyLanguage(): Promise<void> {
  const tag = targetLanguage.value;
  const words = await CATALOGUES[tag]().catch(() => null);
  if (words !== null && tag === targetLanguage.value) shown.value = { tag, words };
}

/** A message of the page. A plural is chosen by `count`. */
export function t<K extends Key>(key: K, ...[parameters]: ArgumentsFor<K>): string {
  return render(words.value.page[key], parameters ?? {}, voice.value);
}
