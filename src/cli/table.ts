// Tables for a terminal: columns aligned by what characters take of the screen, and cut so that a line fits the window.

/** A column. One that `gives` is cut where the window is too narrow: its end, or its beginning where the end says more. */
export interface Column {
  head: string;
  align?: "end";
  gives?: "end" | "beginning";
}

const GAP = "  ";
/** A column is not cut to less. */
const LEAST_WIDTH = 8;
/** Characters that take two cells, as far as terminals agree. */
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
const characters = new Intl.Segmenter("en", { granularity: "grapheme" });

/**
 * The lines of a table, its head first; the cells must be harmless to show (words/visible.ts). Null for `maximumWidth` cuts
 * nothing: that is for a file or another program.
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
      const { align, gives } = columns[index];
      const fitted = fit(cell, widths[index], gives ?? "end");
      const padding = " ".repeat(widths[index] - width(fitted));
      return align === "end" ? padding + fitted : fitted + padding;
    }).join(GAP).trimEnd()
  );
}

/** How many cells of the screen a text takes. */
export function width(text: string): number {
  let cells = 0;
  for (const { segment } of characters.segment(text)) cells += WIDE.test(segment) ? 2 : 1;
  return cells;
}

/** Takes from the widest column that gives, until all fit or none can give more. */
function narrow(widths: number[], columns: readonly Column[], maximumWidth: number): void {
  const gap = GAP.length * (widths.length - 1);
  for (;;) {
    const total = widths.reduce((sum, each) => sum + each, gap);
    const giving = widths.map((each, index) => columns[index].gives === undefined ? 0 : each);
    const widest = Math.max(...giving);
    if (total <= maximumWidth || widest <= LEAST_WIDTH) return;
    widths[giving.indexOf(widest)]--;
  }
}

function fit(text: string, maximum: number, gives: "end" | "beginning"): string {
  if (width(text) <= maximum) return text;
  const all = [...characters.segment(text)].map(({ segment }) => segment);
  const kept: string[] = [];
  let cells = 1;
  for (const segment of gives === "end" ? all : all.reverse()) {
    cells += width(segment);
    if (cells > maximum) break;
    kept.push(segment);
  }
  return gives === "end" ? `${kept.join("")}…` : `…${kept.reverse().join("")}`;
}
