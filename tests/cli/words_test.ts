import { strictEqual } from "node:assert";
import { countInWords, sizeInWords, timeInWords } from "../../src/cli/words.ts";

Deno.test("words: sizes have three digits and their unit", () => {
  const sizes: [number, string][] = [
    [0, "0 B"],
    [999, "999 B"],
    [1_000, "1.0 kB"],
    [99_949, "99.9 kB"],
    [99_951, "100 kB"],
    [999_499, "999 kB"],
    [999_500, "1.0 MB"],
    [12_345_678, "12.3 MB"],
    [2 ** 40, "1.1 TB"],
    [Number.MAX_SAFE_INTEGER, "9.0 PB"],
  ];
  for (const [bytes, words] of sizes) strictEqual(sizeInWords(bytes), words);
});

Deno.test("words: times have at most two units", () => {
  const times: [number, string][] = [
    [0, "0 s"],
    [0.04, "0 s"],
    [0.44, "0.4 s"],
    [9.96, "10 s"],
    [59.6, "1 min 0 s"],
    [185, "3 min 5 s"],
    [7_799, "2 h 10 min"],
    [97_200, "1 d 3 h"],
  ];
  for (const [seconds, words] of times) strictEqual(timeInWords(seconds), words);
});

Deno.test("words: counts agree with their noun", () => {
  strictEqual(countInWords(0, "file"), "0 files");
  strictEqual(countInWords(1, "file"), "1 file");
  strictEqual(countInWords(2, "file"), "2 files");
});
