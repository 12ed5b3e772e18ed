// What was sent and received as a list: for people as a table that fits the window, for programs as JSON lines.

import { dirname } from "node:path";
import type { HistoryEntry } from "../app/views.ts";
import { visible } from "../words/visible.ts";
import type { EntryLine } from "./output.ts";
import { type Column, tableLines } from "./table.ts";
import type { Words } from "./words.ts";
import type { Key } from "./words/catalogue.ts";

const KINDS = { sent: "kindSent", received: "kindReceived" } as const satisfies Record<
  HistoryEntry["kind"],
  Key
>;

/** The lines of the table, the first its head. Null for `maximumWidth` cuts nothing. */
export function tableOf(
  entries: readonly HistoryEntry[],
  words: Words,
  maximumWidth: number | null,
): string[] {
  // Made harmless before it is measured.
  const cells = entries.map((entry) => cellsOf(entry, words).map(visible));
  return tableLines(columnsIn(words), cells, maximumWidth);
}

/** The same for a program. */
export function jsonOf({ endedAt, ...entry }: HistoryEntry): EntryLine {
  return { type: "entry", ...entry, endedAtMs: endedAt };
}

function columnsIn(words: Words): Column[] {
  return [
    { head: "", align: "end" },
    { head: words.say("headWhen") },
    { head: "" },
    { head: words.say("headWhat"), gives: "end" },
    { head: words.say("headFiles"), align: "end" },
    { head: words.say("headSize"), align: "end" },
    // The end of a path says more than its beginning.
    { head: words.say("headWhere"), gives: "beginning" },
  ];
}

function cellsOf(entry: HistoryEntry, words: Words): string[] {
  const { id, kind, title, files, bytes, endedAt, paths, isThere } = entry;
  const place = paths.length === 0 ? "" : dirname(paths[0]);
  return [
    String(id),
    words.amounts.moment(endedAt),
    words.say(KINDS[kind]),
    title ?? words.say("severalFiles"),
    words.amounts.number(files),
    words.size(bytes),
    isThere || place === "" ? place : words.say("gone", { place }),
  ];
}
