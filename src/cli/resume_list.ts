// Unfinished downloads as a list: numbered, for people as a table, for programs as JSON lines; and which of them
// somebody means.

import type { UnfinishedDownload } from "../app/downloads.ts";
import { parseTicket } from "../engine/mod.ts";
import { visible } from "../words/visible.ts";
import type { DownloadLine } from "./output.ts";
import { UsageError } from "./usage_error.ts";
import type { Words } from "./words.ts";

/** A download with its number in the list. */
export type Numbered = UnfinishedDownload & { number: number };

const HEAD = ["headWhat", "headHere", "headSender", "headFolder", "headMoved"] as const;
/** A longer title is cut in the table; a prefix of it is enough to choose it. */
const TITLE_CHARACTERS = 40;
const SENDER_CHARACTERS = 10;

/** The lines of the table, the first its head. */
export function tableOf(downloads: readonly Numbered[], words: Words): string[] {
  const head = ["", ...HEAD.map((key) => words.say(key))];
  // Made harmless before it is measured.
  const rows = [head, ...downloads.map((entry) => rowOf(entry, words).map(visible))];
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column])).join("  ").trimEnd());
}

/** The same for a program, with everything that is known but the ticket, which is a secret. */
export function jsonOf({ ticket, number, title, ...entry }: Numbered): DownloadLine {
  return { type: "download", number, title, sender: senderOf(ticket), ...entry };
}

/**
 * The downloads that somebody named: by a number of the list, or by the beginning of a title or of a sender's id.
 * Throws `download_unknown`, `download_ambiguous`.
 */
export function choose(all: readonly Numbered[], which: readonly string[]): Numbered[] {
  const chosen = which.map((word) => {
    const numbered = all.find(({ number }) => String(number) === word);
    if (numbered !== undefined) return numbered;
    const begun = all.filter(({ title, ticket }) => {
      return title.startsWith(word) || senderOf(ticket).startsWith(word);
    });
    if (begun.length === 0) throw new UsageError("download_unknown", { which: word });
    if (begun.length > 1) {
      throw new UsageError("download_ambiguous", { which: word, numbers: begun.map(({ number }) => number) });
    }
    return begun[0];
  });
  return all.filter((entry) => chosen.includes(entry));
}

/** What is received, in words. */
export function titleInWords(
  { title, otherNames }: Pick<Numbered, "title" | "otherNames">,
  words: Words,
): string {
  return otherNames === 0 ? title : words.say("titleMore", { title, count: otherNames });
}

function rowOf(entry: Numbered, words: Words): string[] {
  const { number, files, bytes, receivedBytes, isExact, isRunning, ticket, folder, updatedAtMs } = entry;
  const title = titleInWords(entry, words);
  const shortTitle = title.length > TITLE_CHARACTERS ? `${title.slice(0, TITLE_CHARACTERS - 1)}…` : title;
  const amount = words.say("doneOf", { done: words.size(receivedBytes), total: words.size(bytes) });
  const here = isExact ? amount : words.say("atLeast", { amount });
  return [
    String(number),
    words.say("titleFiles", { title: shortTitle, files: words.files(files) }),
    isRunning ? words.say("isRunning", { amount: here }) : here,
    senderOf(ticket).slice(0, SENDER_CHARACTERS),
    folder,
    words.amounts.moment(updatedAtMs),
  ];
}

function senderOf(ticket: string): string {
  return parseTicket(ticket).endpointId.toHex();
}
