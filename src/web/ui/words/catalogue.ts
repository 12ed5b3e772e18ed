// The type of the page's catalogues: the common sentences (src/words) and the page's own. English defines the keys:
// one that is missing in another language does not compile.

import type { ArgumentsOf, Translated } from "../../../words/sentence.ts";
import type { en } from "./en.ts";

export type Catalogue = Translated<typeof en>;
export type Key = keyof typeof en.page;
export type ErrorKey = keyof typeof en.errors;
export type Advice = keyof typeof en.advice;
export type ArgumentsFor<K extends Key> = ArgumentsOf<typeof en.page[K]>;
