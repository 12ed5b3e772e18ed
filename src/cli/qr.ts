// A QR code drawn with half blocks, two rows of modules to a line. On a terminal its colours are set, black on
// white, so that it scans on dark and on light backgrounds; without colours, the characters are the light
// modules, as most terminals are dark.

import { encode } from "uqr";

/** The light frame that a QR code needs around it; the standard says 4, readers are content with 2. */
const BORDER = 2;
const BLACK_ON_WHITE = "\x1b[38;5;16;48;5;231m";
const RESET = "\x1b[0m";

/** The lines of a QR code of the text; null when they are wider than the window. */
export function qrLines(text: string, columns: number, isColored: boolean): string[] | null {
  const { data, size } = encode(text, { border: BORDER });
  if (size > columns) return null;
  const isMarked = (row: number, column: number) => (data[row]?.[column] ?? false) === isColored;
  const lines: string[] = [];
  for (let row = 0; row < size; row += 2) {
    let line = "";
    for (let column = 0; column < size; column++) {
      const [upper, lower] = [isMarked(row, column), isMarked(row + 1, column)];
      line += upper ? lower ? "█" : "▀" : lower ? "▄" : " ";
    }
    lines.push(isColored ? BLACK_ON_WHITE + line + RESET : line);
  }
  return lines;
}
