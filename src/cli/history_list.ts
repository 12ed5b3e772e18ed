// What was sent and received as a list: for people as a table that fits the window, for programs as JSON lines.

import { dirname } from "node:path";
import type { HistoryEntry } from "../app/views.ts";
import { visible } from "./escape.ts";
import type { EntryLine } from "./output.ts";
import { type Column, tableLines } from "./table.ts";
import { dateInWords, sizeInWords } from "./words.ts";

const COLUMNS: readonly Column[] = [
  { head: "", align: "end" },
  { head: "when" },
  { head: "" },
  { head: "what", gives: "end" },
  { head: "files", align: "end" },
  { head: "size", align: "end" },
  // The end of a path says more than its beginning.
  { head: "where", gives: "beginning" },
];

/** The lines of the table, the first its head. Null for `maximumWidth` cuts nothing. */
export function tableOf(entries: readonly HistoryEntry[], maximumWidth: number | null): string[] {
  // Made harmless before it is measured.
  return tableLines(COLUMNS, entries.map((entry) => cellsOf(entry).map(visible)), maximumWidth);
}

/** The same for a program. */
export function jsonOf({ endedAt, ...entry }: HistoryEntry): EntryLine {
  return { type: "entry", ...entry, endedAtMs: endedAt };
}

function cellsOf({ id, kind, title, files, bytes, endedAt, paths, isThere }: HistoryEntry): string[] {
  const where = paths.length === 0 ? "" : dirname(paths[0]);
  return [
    String(id),
    dateInWords(new Date(endedAt)),
    kind,
    title ?? "several files",
    String(files),
    sizeInWords(bytes),
    isThere || where === "" ? where : `${where} (gone)`,
  ];
}
