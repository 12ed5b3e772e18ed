// The result of a run as a table, for the terminal or as Markdown, under a line that names the machine.

import type { Machine } from "./machine.ts";
import { type Comparison, type Goal, summarize, type Unit } from "./statistics.ts";

/** The stored result of a run of the benchmark. */
export interface Report {
  machine: Machine;
  /** Requested number of pairs; a row has its own values. */
  pairs: number;
  /** 1 for the sizes that the goals apply to. */
  scale: number;
  comparisons: Comparison[];
}

const HEADINGS = ["measure", "what", "pli", "compared with", "ratio (lowest to highest)", "goal", ""];

/** The marks around the section of a document that a run replaces. */
const SECTION = ["<!-- bench -->", "<!-- /bench -->"];

/** Lines without an end. */
export function tableOf({ machine, pairs, scale, comparisons }: Report, isMarkdown: boolean): string[] {
  const rows = comparisons.map(rowOf);
  const { cpu, cores, memoryGiB, system, fileSystem, date, binding, deno } = machine;
  const about = [
    `${cpu}, ${cores} cores, ${memoryGiB} GiB, ${system}, ${fileSystem}; ${date}; ${binding}, Deno ${deno}.`,
    `Medians of ${pairs} pairs in turn, both ends on this machine; a ratio is the median of the pairs' ratios.` +
    (scale === 1 ? "" : ` Sizes are ${scale} of those named: a quick look, not a result.`),
  ];
  return isMarkdown ? [...about, "", ...markdown(rows)] : [...about, "", ...columns([HEADINGS, ...rows])];
}

/** A document with the table between the marks of its section. */
export function withTable(document: string, report: Report): string {
  const [start, end] = SECTION.map((mark) => document.indexOf(mark));
  if (start < 0 || end < start) throw new Error(`the document has no section ${SECTION.join(" … ")}`);
  const section = [SECTION[0], "", ...tableOf(report, true), "", ""].join("\n");
  return document.slice(0, start) + section + document.slice(end);
}

function rowOf(comparison: Comparison): string[] {
  const { measure, words, unit, other, goals } = comparison;
  const summary = summarize(comparison);
  const { ratio, isMet } = summary;
  return [
    measure,
    words,
    quantity(summary.pli, unit),
    other === null ? "" : `${other.name}: ${quantity(summary.other!, unit)}`,
    ratio === null
      ? ""
      : `${digits(ratio.median)} (${[ratio.lowest, ratio.highest].map(digits).join(" to ")})`,
    goals.map((goal) => goalText(goal, unit)).join(", "),
    isMet === null ? "" : isMet ? "met" : "missed",
  ];
}

function goalText({ of, at, bound }: Goal, unit: Unit): string {
  return `${at === "most" ? "≤" : "≥"} ${of === "ratio" ? bound : quantity(bound, unit)}`;
}

function quantity(value: number, unit: Unit): string {
  if (unit === "s") return `${digits(value)} s`;
  if (unit === "B") return `${digits(value / 1e6)} MB`;
  return `${digits(value / 1e6)} MB/s (${digits(value * 8 / 1e9)} Gbit/s)`;
}

/** Three significant digits, without an exponent. */
function digits(value: number): string {
  return Math.abs(value) >= 1000 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}

function markdown(rows: string[][]): string[] {
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
  return [line(HEADINGS), line(HEADINGS.map(() => "---")), ...rows.map(line)];
}

function columns(rows: string[][]): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column])).join("  ").trimEnd());
}
