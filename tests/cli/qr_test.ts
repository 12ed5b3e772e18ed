import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { encode } from "uqr";
import { qrLines } from "../../src/cli/report/share_report.ts";
import { TICKET } from "./cli_fixture.ts";

/** The modules as a camera reads them: true is dark. */
function seen(lines: readonly string[], isMarkDark: boolean): boolean[][] {
  return lines.flatMap((line) => {
    // deno-lint-ignore no-control-regex
    const marks = [...line.replaceAll(/\x1b\[[\d;]*m/g, "")];
    return ["█▀", "█▄"].map((half) => marks.map((mark) => half.includes(mark) === isMarkDark));
  });
}

Deno.test("qr: the half blocks show the modules of the code, dark on light", () => {
  const { data, size } = encode(TICKET, { border: 2 });
  for (const isColored of [true, false]) {
    const rows = seen(qrLines(TICKET, 200, isColored)!, isColored);
    deepStrictEqual(rows.slice(0, size), data);
  }
});

Deno.test("qr: sets both colours on a terminal with colours, and none elsewhere", () => {
  for (const line of qrLines(TICKET, 200, true)!) {
    ok(line.startsWith("\x1b[38;5;16;48;5;231m") && line.endsWith("\x1b[0m"));
  }
  for (const line of qrLines(TICKET, 200, false)!) ok(!line.includes("\x1b"));
});

Deno.test("qr: is not drawn in a window that is too narrow", () => {
  strictEqual(qrLines(TICKET, 20, true), null);
});
