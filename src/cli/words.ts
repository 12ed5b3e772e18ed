// The language in which the terminal is spoken to: its sentences, filled, and its amounts.

import { type Amounts, amountsIn } from "../words/amounts.ts";
import { type Parameters, render, type Voice } from "../words/sentence.ts";
import { languageOf } from "./language.ts";
import type { ArgumentsFor, Catalogue, Key } from "./words/catalogue.ts";
import { en } from "./words/en.ts";

/** A catalogue with the locale that decides on numbers and dates. */
export class Words {
  readonly voice: Voice;
  readonly amounts: Amounts;

  constructor(readonly catalogue: Catalogue, locale: string) {
    this.voice = { locale, isRightToLeft: false };
    this.amounts = amountsIn(locale);
  }

  /** A sentence. One that counts takes its form from `count`. */
  say<K extends Key>(key: K, ...[parameters]: ArgumentsFor<K>): string {
    return render(this.catalogue.says[key], parameters ?? {}, this.voice);
  }

  /** A sentence of the other tables. */
  fill(sentence: string, parameters: Parameters): string {
    return render(sentence, parameters, this.voice);
  }

  /** `1 file`, `12 files`. */
  files(count: number): string {
    return this.say("files", { count });
  }

  /** `12.3 MB`. */
  size(bytes: number): string {
    return this.amounts.size(bytes);
  }
}

/** The language of JSON lines, which scripts read, and where no other is asked for. */
export const ENGLISH = new Words(en, "en");

/** The words for a locale that language.ts has chosen. */
export async function wordsFor(locale: string): Promise<Words> {
  if (languageOf(locale) === "fr") return new Words((await import("./words/fr.ts")).fr, locale);
  return locale === "en" ? ENGLISH : new Words(en, locale);
}
