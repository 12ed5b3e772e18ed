// The text of a title, the same on every card, in every list and in every message: the first name at the top and the
// number of further ones; the number of files where no name is known.

import type { HistoryEntry, Title } from "../app/views.ts";
import { type Plural, render, type Voice } from "./sentence.ts";
import { visible } from "./visible.ts";

interface TitleWords {
  readonly counts: { readonly files: Plural; readonly moreNames: Plural };
}

/** The title of a transfer as text, with escaped names. */
export function titleInWords(
  { title, otherNames, files }: Title & { files: number },
  { counts }: TitleWords,
  voice: Voice,
): string {
  if (title !== null) {
    return otherNames === 0 ? visible(title) : render(counts.moreNames, { title, count: otherNames }, voice);
  }
  return files === 0 ? "…" : render(counts.files, { count: files }, voice);
}

/** Maximum number of paths in an entry of the history. */
const PATHS_KEPT = 100;

/** The same of an entry of the history: its title is null for several names, which its paths have. */
export function entryTitleInWords(
  { title, files, paths }: Pick<HistoryEntry, "title" | "files" | "paths">,
  words: TitleWords,
  voice: Voice,
): string {
  if (title !== null) return titleInWords({ title, otherNames: 0, files }, words, voice);
  // One path is the destination; of more names than paths are kept the number is unknown.
  if (paths.length < 2 || paths.length >= PATHS_KEPT) {
    return render(words.counts.files, { count: files }, voice);
  }
  const names = paths.map((path) => path.split(/[/\\]/).filter(Boolean).at(-1) ?? path);
  const [first, ...others] = [...new Set(names)].sort();
  return titleInWords({ title: first, otherNames: others.length, files }, words, voice);
}
