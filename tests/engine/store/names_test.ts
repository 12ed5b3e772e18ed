import assert from "node:assert/strict";
import fc from "fast-check";
import { isPliError, type NameFault } from "../../../src/engine/errors.ts";
import { checkNames, maximumFolders, nameFault } from "../../../src/engine/store/names.ts";
import { threadCpuMs } from "../../time_limits.ts";
import { nastyNames } from "./nasty_names.ts";

function refusal(names: readonly string[]): { name: string; fault: NameFault } | null {
  try {
    checkNames(names);
    return null;
  } catch (error) {
    assert(isPliError(error, "name_refused"));
    return error.parameters;
  }
}

Deno.test("A.1 A.5 names that leave the folder, or are invalid, are refused with their fault", () => {
  const refused: [string, NameFault][] = [
    ["", "empty"],
    ["/x", "absolute"],
    ["//server/share", "absolute"],
    ["C:\\x", "backslash"],
    ["\\\\server\\share", "backslash"],
    ["a\\b", "backslash"],
    ["..", "dot_part"],
    [".", "dot_part"],
    ["a/../x", "dot_part"],
    ["a/./x", "dot_part"],
    ["a/..", "dot_part"],
    ["a//b", "empty_part"],
    ["a/", "empty_part"],
    ["a\0b", "nul"],
    ["\ud800", "not_unicode"],
    ["a\udc00", "not_unicode"],
    ["a\ud800/b", "not_unicode"],
    ["x".repeat(256), "part_too_long"],
    ["é".repeat(128), "part_too_long"],
    ["a/" + "x".repeat(256) + "/b", "part_too_long"],
    ["1234567890123456789/".repeat(204) + "x".repeat(17), "path_too_long"],
    ["a/".repeat(256) + "x", "too_deep"],
    ["a/".repeat(1_900) + "x", "too_deep"],
  ];
  for (const [name, fault] of refused) assert.deepEqual(refusal(["fine", name]), { name, fault });
});

Deno.test("unusual names are accepted: renaming and escaping them is done elsewhere", () => {
  const accepted = [
    "...",
    "..a",
    ".hidden",
    "a:b",
    "C:",
    "aux.c",
    "a ",
    "a.",
    " ",
    "new\nline",
    "\u202egpj.exe",
    "😀",
    "~",
    "-rf",
    "é".repeat(127),
    "x".repeat(255),
    "1234567890123456789/".repeat(204) + "x".repeat(16),
    "a/".repeat(255) + "x",
  ];
  assert.equal(refusal(accepted), null);
});

Deno.test("the first invalid name is the one that is reported", () => {
  assert.deepEqual(refusal(["a", "b//", "/c", "a"]), { name: "b//", fault: "empty_part" });
});

Deno.test("A.4 a name that occurs twice is refused", () => {
  assert.deepEqual(refusal(["a/b", "c", "a/b"]), { name: "a/b", fault: "duplicate" });
  assert.equal(refusal(["a", "A", "é", "e\u0301"]), null);
});

Deno.test("A.4 a file where another name needs a folder is refused, in either order", () => {
  assert.deepEqual(refusal(["a", "a/b"]), { name: "a/b", fault: "file_and_folder" });
  assert.deepEqual(refusal(["a/b/c/d", "x", "a/b"]), { name: "a/b/c/d", fault: "file_and_folder" });
  assert.equal(refusal(["a b", "a/b", "a.b", "ab", "a\u0001b/c"]), null);
});

/** The rules, as a slow reference. */
function slowFault(name: string): NameFault | null {
  const bytes = (text: string) => new TextEncoder().encode(text).length;
  const faults: [NameFault, boolean][] = [
    ["empty", name === ""],
    ["absolute", name.startsWith("/")],
    ["backslash", name.includes("\\")],
    ["nul", name.includes("\0")],
    ["not_unicode", !name.isWellFormed()],
    ["empty_part", name.split("/").includes("")],
    ["dot_part", name.split("/").some((part) => part === "." || part === "..")],
    ["part_too_long", name.split("/").some((part) => bytes(part) > 255)],
    ["path_too_long", bytes(name) > 4096],
    ["too_deep", name.split("/").length > 256],
  ];
  return faults.find(([_, applies]) => applies)?.[0] ?? null;
}

Deno.test("A.1 any name is accepted or refused as by a slow implementation of the rules", () => {
  fc.assert(fc.property(nastyNames, (names) => {
    for (const name of names) assert.equal(nameFault(name) === null, slowFault(name) === null, name);
    const isBad = names.some((name) => slowFault(name) !== null) || new Set(names).size < names.length ||
      names.some((name) => names.some((other) => other.startsWith(`${name}/`)));
    assert.equal(refusal(names) !== null, isBad);
  }));
});

Deno.test("E.16 the time for names of 256 parts is linear in their length", () => {
  // All names have the same folders, so that each look-up compares as much as possible.
  const names = Array.from({ length: 4_000 }, (_, at) => "abcdefghi/".repeat(250) + at);
  const startMs = threadCpuMs();
  assert.equal(refusal(names), null);
  // Ten megabytes; comparing every folder of every name would be 125 times as much.
  assert(threadCpuMs() - startMs < 3_000);
  assert.equal(refusal([...names, "abcdefghi/".repeat(100) + "abcdefghi"])?.fault, "file_and_folder");
});

Deno.test("E.16 a collection has at most 4,096 folders and 16 more for each file", () => {
  const maximum = (count: number): number | undefined => {
    try {
      checkNames(Array.from({ length: count }, (_, at) => `${at}/` + "a/".repeat(254) + "f"));
    } catch (error) {
      assert(isPliError(error, "limit_exceeded"), String(error));
      assert.equal(error.parameters.what, "folders");
      return error.parameters.maximum;
    }
  };
  // 255 folders each: 17 files have 4,335 of 4,368, 18 would have 4,590 of 4,384.
  assert.equal(maximum(17), undefined);
  assert.equal(maximum(18), 4_096 + 18 * 16);
  assert.equal(maximumFolders(1_000_000), 1_000_000);
});
