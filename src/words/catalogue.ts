// The message catalogue for the codes of the engine and the app, shared by terminal and page. English defines the keys:
// a key that is missing in a language does not compile.

import type { Notice } from "../app/notices.ts";
import type { OfGivenPaths } from "../engine/mod.ts";
import type { en } from "./en.ts";
import { fill, type Parameters, render, type Translated, type Voice } from "./sentence.ts";
import { titleInWords } from "./titles.ts";
import { abridged } from "./visible.ts";

export type CommonWords = Translated<typeof en>;

/** A notice as a sentence; its reason may be a sentence of an error. */
export function noticeInWords({ code, parameters }: Notice, words: CommonWords, voice: Voice): string {
  if (code === "download_gone") {
    return render(
      words.notices[code],
      { ...parameters, transfer: titleInWords(parameters, words, voice) },
      voice,
    );
  }
  if (code !== "nothing_remembered") return render(words.notices[code], { ...parameters }, voice);
  const reason = errorInWords(parameters.reason, { ...parameters }, words, voice);
  return render(words.notices[code], { reason }, voice);
}

/** The sentence of an error code in a catalogue. */
export function errorInWords<Code extends string>(
  code: Code,
  parameters: Parameters,
  words: CommonWords & { readonly errors: Readonly<Record<Code, string>> },
  voice: Voice,
): string {
  const faults: Readonly<Record<string, string>> = code === "ticket_malformed"
    ? words.ticketFaults
    : words.nameFaults;
  const fault = faults[String(parameters.fault)] ?? parameters.fault;
  const name = typeof parameters.name === "string" ? abridged(parameters.name) : words.someFile;
  const reasons: Readonly<Record<string, string>> = words.skips;
  const reason = reasons[String(parameters.reason)] ?? parameters.reason;
  const sentence = fill(words.errors[code], { ...parameters, fault, name, reason }, voice);
  const others = othersInWords(parameters, words, voice);
  return others === null ? sentence : `${sentence} ${others}`;
}

/** The sentence about further given paths that cannot be sent; null without any. */
function othersInWords(parameters: Parameters, words: CommonWords, voice: Voice): string | null {
  const { others = [], moreOthers: count = 0 } = parameters as OfGivenPaths;
  if (others.length === 0) return null;
  const named = others.map(({ path, reason }) => {
    const why = reason === "missing" ? words.missingPath : words.skips[reason];
    return fill(words.pathWithReason, { path, reason: why }, voice);
  });
  return fill(
    count === 0 ? words.others.all : words.others.first,
    { others: named.join(", "), count },
    voice,
  );
}
