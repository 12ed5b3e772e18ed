// Names of a hostile or careless sender, for property tests: mostly valid, so that whole lists are accepted often
// enough, and from few parts, so that they collide.

import fc from "fast-check";

const LEGAL = [
  ..."abxyABXY",
  "x.txt",
  "X.TXT",
  "x (2).txt",
  "x (3).txt",
  "a (2)",
  "a.tar.gz",
  ".hidden",
  "aux",
  "AUX.c",
  "aux_.c",
  "con .txt",
  "com1",
  "a:b",
  "a_b",
  "a.",
  "a ",
  "a. .",
  "...",
  " ",
  "a?",
  "<|>",
  "\u0001",
  "new\nline",
  "\u202etxt.exe",
  "\u00e9",
  "e\u0301",
  "E\u0301",
  "ß",
  "SS",
  "\u017f",
  "a\u200d",
  "😀",
  "long".repeat(63) + "abc",
  "LONG".repeat(63) + "ABC",
  "aux." + "y".repeat(251),
  "z".repeat(253) + " .",
];

const ILLEGAL = [
  "",
  ".",
  "..",
  "\0",
  "a\0b",
  "a\\b",
  "..\\..\\x",
  "C:\\x",
  "\\\\s\\x",
  "\ud800",
  "w".repeat(256),
  "/",
  "/etc",
  "../../x",
];

const legalName = fc.array(fc.constantFrom(...LEGAL), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join("/"));
const anyName = fc.array(fc.constantFrom(...LEGAL, ...ILLEGAL), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join("/"));

/** Lists of up to ten names. */
export const nastyNames = fc.oneof(
  { weight: 8, arbitrary: fc.uniqueArray(legalName, { maxLength: 10 }) },
  {
    weight: 2,
    arbitrary: fc.array(fc.oneof(legalName, anyName, fc.string({ unit: "binary" })), { maxLength: 6 }),
  },
);

/** Number of cases of a property over names: the required number in the full run only. */
export const NAME_RUNS = Deno.env.get("PLI_LONG") === "1" ? 100_000 : 500;
