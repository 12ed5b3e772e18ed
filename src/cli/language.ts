// Which language the terminal is spoken to in, from the environment, as GNU's gettext chooses it.

import type { World } from "./world.ts";

/** The languages of the terminal. */
const LANGUAGES = ["en", "fr"];
const FALLBACK = "en";

/**
 * A locale tag such as `fr-CH`. The first of LC_ALL, LC_MESSAGES and LANG that says something names the locale, else
 * the system does; unless that is the plain one (`C`), the languages listed in LANGUAGE come before it.
 */
export function chooseLocale(
  { environment, systemLocale }: Pick<World, "environment" | "systemLocale">,
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

/** `fr-CH` for `fr_CH.UTF-8@euro`; the language alone where that is no tag. */
function tagOf(locale: string): string {
  const tag = locale.replace(/[.@].*$/, "").replaceAll("_", "-");
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? "";
  } catch {
    return languageOf(tag);
  }
}
