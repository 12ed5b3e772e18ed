// The terminal's language, chosen from the environment as GNU's gettext does; its sentences with their parameters, and
// amounts.

import type { Environment } from "../app/home.ts";
import type { Notice } from "../app/notices.ts";
import type { HistoryEntry, Title } from "../app/views.ts";
import { type Amounts, amountsIn } from "../words/amounts.ts";
import { noticeInWords } from "../words/catalogue.ts";
import { type Parameters, render, type Voice } from "../words/sentence.ts";
import { entryTitleInWords, titleInWords } from "../words/titles.ts";
import { type ArgumentsFor, type Catalogue, en, type Key } from "./words/en.ts";

/** The languages of the terminal. */
const LANGUAGES = ["en", "fr"];
const FALLBACK = "en";
/** Maximum number of names in a sentence. */
const NAMES_SHOWN = 3;

/** A catalogue with the locale for numbers and dates. */
export class Words {
  readonly voice: Voice;
  readonly amounts: Amounts;

  constructor(readonly catalogue: Catalogue, locale: string) {
    this.voice = { locale, isRightToLeft: false };
    this.amounts = amountsIn(locale);
  }

  /** A sentence. A plural is chosen by `count`. */
  say<K extends Key>(key: K, ...[parameters]: ArgumentsFor<K>): string {
    return render(this.catalogue.says[key], parameters ?? {}, this.voice);
  }

  /** A notice as a sentence. */
  notice(notice: Notice): string {
    return noticeInWords(notice, this.catalogue, this.voice);
  }

  /** A sentence of another table. */
  fill(sentence: string, parameters: Parameters): string {
    return render(sentence, parameters, this.voice);
  }

  /** `1 file`, `12 files`. */
  files(count: number): string {
    return this.say("files", { count });
  }

  /** `12 files`, or `12 files in 3 folders`. */
  filesInFolders(files: number, folders: number): string {
    if (folders === 0) return this.files(files);
    return this.say("filesInFolders", {
      files: this.files(files),
      folders: this.say("folders", { count: folders }),
    });
  }

  /** `a, b and c`, or `a, b, c and 5 more`; `count` is the total if `names` has only the first. */
  listed(names: readonly string[], count: number): string {
    const shown = names.slice(0, NAMES_SHOWN);
    if (count === shown.length) return this.amounts.list(shown);
    return `${shown.join(", ")} ${this.say("andMore", { count: count - shown.length })}`;
  }

  /** The title of a transfer: `a`, or `a and 2 more`. */
  title(of: Title & { files: number }): string {
    return titleInWords(of, this.catalogue, this.voice);
  }

  /** The same of an entry of the history. */
  entryTitle(entry: Pick<HistoryEntry, "title" | "files" | "paths">): string {
    return entryTitleInWords(entry, this.catalogue, this.voice);
  }

  /** `12.3 MB`. */
  size(bytes: number): string {
    return this.amounts.size(bytes);
  }
}

/** The language of JSON lines, and the default. */
export const ENGLISH = new Words(en, "en");

/** The words for a locale of `chooseLocale`. */
export async function wordsFor(locale: string): Promise<Words> {
  if (languageOf(locale) === "fr") return new Words((await import("./words/fr.ts")).fr, locale);
  return locale === "en" ? ENGLISH : new Words(en, locale);
}

/**
 * A locale tag such as `fr-CH`. The first non-empty one of LC_ALL, LC_MESSAGES and LANG is the locale, else the
 * system's; unless that is `C`, the languages in LANGUAGE precede it.
 */
export function chooseLocale(
  { environment, systemLocale }: { environment: Environment; systemLocale: string | null },
): string {
  const named = ["LC_ALL", "LC_MESSAGES", "LANG"].map((name) => environment(name)).find(Boolean);
  const locale = named ?? systemLocale;
  if (locale === null || /^(C|POSIX)(\.|$)/.test(locale)) return FALLBACK;
  const listed = (environment("LANGUAGE") ?? "").split(":");
  return [...listed, locale].map(tagOf).find((tag) => LANGUAGES.includes(languageOf(tag))) ?? FALLBACK;
}

/** `fr` of `fr-CH`. */
export function languageOf(tag: string): string {
  return tag.split("-")[0].toLowerCase();
}

/** `fr-CH` for `fr_CH.UTF-8@euro`; the language alone if that is no tag. */
function tagOf(locale: string): string {
  const tag = locale.replace(/[.@].*$/, "").replaceAll("_", "-");
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? "";
  } catch {
    return languageOf(tag);
  }
}
