// Amounts in each language.

import { deepStrictEqual, strictEqual } from "node:assert";
import { amountsIn, fraction } from "../../src/words/amounts.ts";

const english = amountsIn("en");
const french = amountsIn("fr");

Deno.test("amounts: sizes have three digits and their unit", () => {
  const sizes: [number, string][] = [
    [0, "0 bytes"],
    [1, "1 byte"],
    [999, "999 bytes"],
    [1_000, "1.0 kB"],
    [99_949, "99.9 kB"],
    [99_951, "100 kB"],
    [999_499, "999 kB"],
    [999_500, "1.0 MB"],
    [12_345_678, "12.3 MB"],
    [2 ** 40, "1.1 TB"],
    [Number.MAX_SAFE_INTEGER, "9.0 PB"],
  ];
  for (const [bytes, words] of sizes) strictEqual(english.size(bytes), words);
  strictEqual(english.speed(38_400_000), "38.4 MB/s");
});

Deno.test("amounts: times have two units at most", () => {
  const times: [number, string][] = [
    [0, "0 sec"],
    [0.04, "0 sec"],
    [0.44, "0.4 sec"],
    [9.96, "10 sec"],
    [59.6, "1 min"],
    [185, "3 min 5 sec"],
    [7_800, "2 hr 10 min"],
    [97_200, "1 day 3 hr"],
  ];
  for (const [seconds, words] of times) strictEqual(english.duration(seconds), words);
});

Deno.test("amounts: no percentage is full before completion, and nothing of nothing is complete", () => {
  const amounts = [[9_999, 10_000], [1, 1], [0, 1], [0, 0]] as const;
  deepStrictEqual(amounts.map(([done, total]) => english.percent(done, total)), [
    "99%",
    "100%",
    "0%",
    "100%",
  ]);
  deepStrictEqual(amounts.map(([done, total]) => fraction(done, total)), [0.9999, 1, 0, 1]);
});

Deno.test("amounts: French has its own units, its comma, and spaces that do not break", () => {
  deepStrictEqual([999, 1_000, 12_345_678, 245e9].map((bytes) => french.size(bytes)), [
    "999\u00a0octets",
    "1,0\u00a0ko",
    "12,3\u00a0Mo",
    "245\u00a0Go",
  ]);
  strictEqual(french.speed(1.5e6), "1,5\u00a0Mo/s");
  strictEqual(french.percent(1, 2), "50\u00a0%");
  deepStrictEqual([12, 185, 97_200].map((seconds) => french.duration(seconds)), [
    "12\u00a0s",
    "3\u00a0min 5\u00a0s",
    "1\u00a0j 3\u00a0h",
  ]);
});

Deno.test("amounts: a moment of today is shown as its time", () => {
  const now = new Date();
  strictEqual(french.moment(now.getTime()), now.toLocaleString("fr", { timeStyle: "short" }));
  strictEqual(french.moment(new Date(2020, 0, 2, 15, 4).getTime()), "2 janv. 2020, 15:04");
});

Deno.test("amounts: lists are joined by the rules of the language", () => {
  deepStrictEqual([english.list(["a", "b"]), french.list(["a", "b", "c"])], ["a and b", "a, b et c"]);
});
