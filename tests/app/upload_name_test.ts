// Names of a browser's files: each is a file of its own where it is made, or is refused.

import assert from "node:assert/strict";
import { isUploadPart } from "../../src/app/upload_name.ts";

const REFUSED = ["", ".", "..", "a\\b", "a/b", "a\0b", "\ud800", "é".repeat(128)];
/** Files of their own everywhere but on Windows. */
const NOT_ON_WINDOWS = [
  "a:b",
  "C:",
  "a:$DATA",
  "nul",
  "NUL.txt",
  "com1",
  "a.",
  "a ",
  "a?",
  'a"b',
  "a|b",
  "a\u0001",
];
const PLAIN = ["a", ".hidden", "a.b.c", "a b", "ä", "console", "é".repeat(127)];

Deno.test("a name that stands for no file of its own is refused on every system", () => {
  for (const os of ["linux", "darwin", "windows"] as const) {
    for (const part of REFUSED) assert.ok(!isUploadPart(part, os), JSON.stringify(part));
    for (const part of PLAIN) assert.ok(isUploadPart(part, os), JSON.stringify(part));
  }
});

Deno.test("streams of other files, devices and names that Windows changes are refused there alone", () => {
  for (const part of NOT_ON_WINDOWS) {
    assert.ok(!isUploadPart(part, "windows"), JSON.stringify(part));
    assert.ok(isUploadPart(part, "linux"), JSON.stringify(part));
  }
});
