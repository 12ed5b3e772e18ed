// Names of a browser's files: a name that is not that of a separate file on this system is refused.

import assert from "node:assert/strict";
import { isUploadPart } from "../../src/app/upload_name.ts";

const REFUSED = ["", ".", "..", "a\\b", "a/b", "a\0b", "\ud800", "é".repeat(128)];
/** Names of separate files on every system but Windows. */
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

Deno.test("a name that is not that of a separate file is refused on every system", () => {
  for (const os of ["linux", "darwin", "windows"] as const) {
    for (const part of REFUSED) assert.ok(!isUploadPart(part, os), JSON.stringify(part));
    for (const part of PLAIN) assert.ok(isUploadPart(part, os), JSON.stringify(part));
  }
});

Deno.test("streams of other files, devices and names that Windows changes are refused on Windows alone", () => {
  for (const part of NOT_ON_WINDOWS) {
    assert.ok(!isUploadPart(part, "windows"), JSON.stringify(part));
    assert.ok(isUploadPart(part, "linux"), JSON.stringify(part));
  }
});
