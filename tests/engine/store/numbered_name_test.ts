import assert from "node:assert/strict";
import { numberedName, shortened } from "../../../src/engine/store/numbered_name.ts";

Deno.test("a file is numbered before its extension, a folder at its end", () => {
  const expected: [string, string, string][] = [
    ["x.txt", "x (2).txt", "x.txt (2)"],
    ["x", "x (2)", "x (2)"],
    ["x.tar.gz", "x (2).tar.gz", "x.tar.gz (2)"],
    ["x.min.js", "x.min (2).js", "x.min.js (2)"],
    [".bashrc", ".bashrc (2)", ".bashrc (2)"],
    [".tar.gz", ".tar (2).gz", ".tar.gz (2)"],
    ["Mr. Smith", "Mr. Smith (2)", "Mr. Smith (2)"],
    ["x.", "x. (2)", "x. (2)"],
    ["x (2).txt", "x (2) (2).txt", "x (2).txt (2)"],
    ["😀.😀", "😀 (2).😀", "😀.😀 (2)"],
  ];
  for (const [part, file, folder] of expected) {
    assert.equal(numberedName(part, 2, "file"), file);
    assert.equal(numberedName(part, 2, "folder"), folder);
  }
});

Deno.test("a numbered name fits into 255 bytes, and no character is split", () => {
  const name = numberedName("é😀".repeat(42) + ".jpeg", 12, "file");
  assert(name.endsWith(" (12).jpeg") && name.isWellFormed());
  const bytes = new TextEncoder().encode(name).length;
  assert(bytes > 245 && bytes <= 255);
  assert.equal(shortened("a😀", 4), "a");
  assert.equal(shortened("a😀", 5), "a😀");
});
