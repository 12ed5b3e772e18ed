// Lists of unfinished downloads and of the history: for people as tables, aligned by the display width of characters
// and truncated to the window; for programs as JSON lines.

import { dirname } from "node:path";
import type { UnfinishedDownload } from "../../app/transfers/unfinished_downloads.ts";
import type { HistoryEntry } from "../../app/views.ts";
import type { Ticket } from "../../engine/mod.ts";
import { visible } from "../../words/visible.ts";
import type { Words } from "../words.ts";
import type { Key } from "../words/en.ts";
import type { DownloadLine, EntryLine } from "./output.ts";

/** A column. One with `truncates` is truncated in a narrow window, at its end or at its beginning. */
export interface Column {
  head: string;
  align?: "end";
  truncates?: "end" | "beginning";
}

const GAP = "  ";
/** Minimum width of a truncated column. */
const LEAST_WIDTH = 8;
/** Characters of two cells, as far as terminals agree. */
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
const characters = new Intl.Segmenter("en", { granularity: "grapheme" });

/**
 * The lines of a table with its head; the cells must be safe to print (words/visible.ts). With null as `maximumWidth`
 * nothing is truncated, for a file or another program.
 */
export function tableLines(
  columns: readonly Column[],
  cells: readonly (readonly string[])[],
  maximumWidth: number | null,
): string[] {
  const rows = [columns.map(({ head }) => head), ...cells];
  const widths = columns.map((_, index) => Math.max(...rows.map((row) => width(row[index]))));
  if (maximumWidth !== null) narrow(widths, columns, maximumWidth);
  return rows.map((row) =>
    row.map((cell, index) => {
      const { align, truncates } = columns[index];
      const fitted = fit(cell, widths[index], truncates ?? "end");
      const padding = " ".repeat(widths[index] - width(fitted));
      return align === "end" ? padding + fitted : fitted + padding;
    }).join(GAP).trimEnd()
  );
}

/** The display width of a text, in cells. */
export function width(text: string): number {
  let cells = 0;
  for (const { segment } of characters.segment(text)) cells += WIDE.test(segment) ? 2 : 1;
  return cells;
}

/** Narrows the widest truncatable column repeatedly, until all fit or none can be narrower. */
function narrow(widths: number[], columns: readonly Column[], maximumWidth: number): void {
  const gap = GAP.length * (widths.length - 1);
  for (;;) {
    const total = widths.reduce((sum, each) => sum + each, gap);
    const giving = widths.map((each, index) => columns[index].truncates === undefined ? 0 : each);
    const widest = Math.max(...giving);
    if (total <= maximumWidth || widest <= LEAST_WIDTH) return;
    widths[giving.indexOf(widest)]--;
  }
}

/** The text without its end or its beginning, so that it has at most so many cells. */
export function fit(text: string, maximum: number, truncates: "end" | "beginning"): string {
  if (width(text) <= maximum) return text;
  const all = [...characters.segment(text)].map(({ segment }) => segment);
  const kept: string[] = [];
  let cells = 1;
  for (const segment of truncates === "end" ? all : all.reverse()) {
    cells += width(segment);
    if (cells > maximum) break;
    kept.push(segment);
  }
  return truncates === "end" ? `${kept.join("")}…` : `…${kept.reverse().join("")}`;
}

/** A download with its number in the list. */
export type Numbered = UnfinishedDownload & { number: number };

const SENDER_CHARACTERS = 10;

/** The lines of the table with its head. With null as `maximumWidth` nothing is truncated. */
export function downloadTable(
  downloads: readonly Numbered[],
  words: Words,
  maximumWidth: number | null,
): string[] {
  // Made safe before it is measured.
  const cells = downloads.map((entry) => downloadCells(entry, words).map(visible));
  return tableLines(downloadColumns(words), cells, maximumWidth);
}

/** Lines about downloads whose sender has lost files: they may never be complete. */
export function lostLines(downloads: readonly Numbered[], words: Words): string[] {
  return downloads.filter(({ lostFiles }) => lostFiles > 0).map(({ number, lostFiles, lostNames }) => {
    const names = words.listed(lostNames, lostFiles);
    return words.say("cannotGoOn", { number: String(number), names });
  });
}

/** The same for a program, with every field except the ticket, which is a secret. */
export function downloadLine({ ticket, number, title, ...entry }: Numbered): DownloadLine {
  return { type: "download", number, title, sender: senderOf(ticket), ...entry };
}

function downloadColumns(words: Words): Column[] {
  return [
    { head: "", align: "end" },
    // A prefix of the title, or of the sender's id, is enough to choose a download.
    { head: words.say("headWhat"), truncates: "end" },
    { head: words.say("headFiles"), align: "end" },
    { head: words.say("headHere") },
    { head: words.say("headSender"), truncates: "end" },
    // The end of a path says more than its beginning.
    { head: words.say("headFolder"), truncates: "beginning" },
    { head: words.say("headMoved") },
  ];
}

function downloadCells(entry: Numbered, words: Words): string[] {
  const { number, files, bytes, receivedBytes, isExact, isRunning, ticket, folder, updatedAtMs } = entry;
  const amount = words.say("doneOf", { done: words.size(receivedBytes), total: words.size(bytes) });
  const here = isExact ? amount : words.say("atLeast", { amount });
  return [
    String(number),
    words.title(entry),
    words.amounts.number(files),
    isRunning ? words.say("isRunning", { amount: here }) : here,
    senderOf(ticket).slice(0, SENDER_CHARACTERS),
    folder,
    words.amounts.moment(updatedAtMs),
  ];
}

export function senderOf({ endpointId }: Ticket): string {
  return endpointId.toHex();
}

const KINDS = {
  sent: { whole: "kindSent", part: "kindSentPart" },
  received: { whole: "kindReceived", part: "kindReceivedPart" },
} as const satisfies Record<HistoryEntry["kind"], { whole: Key; part: Key }>;

/** The lines of the table with its head. With null as `maximumWidth` nothing is truncated. */
export function historyTable(
  entries: readonly HistoryEntry[],
  words: Words,
  maximumWidth: number | null,
): string[] {
  // Made safe before it is measured.
  const cells = entries.map((entry) => historyCells(entry, words).map(visible));
  return tableLines(historyColumns(words), cells, maximumWidth);
}

/** The same for a program. */
export function historyLine({ endedAt, ...entry }: HistoryEntry): EntryLine {
  return { type: "entry", ...entry, endedAtMs: endedAt };
}

function historyColumns(words: Words): Column[] {
  return [
    { head: "", align: "end" },
    { head: words.say("headWhen") },
    { head: "" },
    { head: words.say("headWhat"), truncates: "end" },
    { head: words.say("headFiles"), align: "end" },
    { head: words.say("headSize"), align: "end" },
    { head: words.say("headWhere"), truncates: "beginning" },
  ];
}

function historyCells(entry: HistoryEntry, words: Words): string[] {
  const { id, kind, files, bytes, missing, notChosen, endedAt, isThere } = entry;
  const extent = missing > 0 || notChosen > 0 ? "part" : "whole";
  const place = placeOf(entry);
  return [
    String(id),
    words.amounts.moment(endedAt),
    words.say(KINDS[kind][extent]),
    words.entryTitle(entry),
    words.amounts.number(files),
    words.size(bytes),
    isThere || place === "" ? place : words.say("gone", { place }),
  ];
}

/** The folder of an entry. If nothing had to be received, its path is the destination itself. */
function placeOf({ kind, files, paths: [path] }: HistoryEntry): string {
  if (path === undefined) return "";
  return kind === "received" && files === 0 ? path : dirname(path);
}
