import { deepStrictEqual, strictEqual } from "node:assert";
import { type Column, tableLines, width } from "../../src/cli/report/lists.ts";

const COLUMNS: readonly Column[] = [
  { head: "n", align: "end" },
  { head: "what", truncates: "end" },
  { head: "where", truncates: "beginning" },
];

Deno.test("table: columns are aligned, and not truncated without a window", () => {
  const rows = [["1", "a", "/x"], ["12", "long name", "/a/b/c"]];
  deepStrictEqual(tableLines(COLUMNS, rows, null), [
    " n  what       where",
    " 1  a          /x",
    "12  long name  /a/b/c",
  ]);
});

Deno.test("table: no line is wider than the window, which keeps the end of a path and the beginning of a name", () => {
  const rows = [["1", "a very long name of a file.tar.gz", "/home/username/downloads/deep/down"]];
  const lines = tableLines(COLUMNS, rows, 40);
  strictEqual(Math.max(...lines.map(width)) <= 40, true);
  deepStrictEqual(lines[1].split(/ {2,}/), ["1", "a very long name…", "…wnloads/deep/down"]);
  deepStrictEqual(
    tableLines(COLUMNS, rows, 5)[1],
    "1  a very …  …ep/down",
    "a column keeps a minimum",
  );
});

Deno.test("table: columns are aligned with characters of two cells, and of none", () => {
  strictEqual(width("日本"), 4);
  strictEqual(width("e\u0301"), 1);
  strictEqual(width("👨‍👩‍👧"), 2);
  strictEqual(width("한글"), 4);
  const rows = [["1", "日本語のファイル", "/a"], ["2", "plain", "/b"]];
  const lines = tableLines(COLUMNS, rows, null);
  deepStrictEqual(lines.slice(1).map((line) => width(line.slice(0, line.indexOf("/")))), [21, 21]);
  const cut = tableLines(COLUMNS, [["1", "日本語のファイル名前", "/a"]], 20);
  deepStrictEqual(cut[1].trim(), "1  日本語の…   /a");
});
