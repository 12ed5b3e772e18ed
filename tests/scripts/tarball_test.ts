// npm's tarballs of the prebuilt addons: the writer is deterministic and writes what tar reads; the reader refuses
// everything else.

import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { filesOf, tarOf } from "../../scripts/tarball.mjs";
import { needing, without } from "../left_out.ts";

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytes = (content: string) => new TextEncoder().encode(content);
const FILES: [string, Uint8Array][] = [
  ["package.json", bytes("{}\n")],
  ["empty", new Uint8Array(0)],
  ["block", new Uint8Array(512).fill(7)],
  ["pli_native.linux-x64-gnu.node", new Uint8Array(1_000).fill(9)],
];

/** The tarball of FILES with bytes replaced at an offset, and the sum of its first header set right. */
function altered(offset: number, replacement: string): Uint8Array {
  const tar = tarOf(FILES);
  tar.write(replacement, offset, "latin1");
  tar.write(" ".repeat(8), 148);
  const sum = tar.subarray(0, 512).reduce((total: number, byte: number) => total + byte, 0);
  tar.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return gzipSync(tar);
}

Deno.test("what was packed is read back, and the same files are the same bytes", () => {
  const tar = tarOf(FILES);
  assert.deepEqual(tarOf(FILES), tar);
  const read = filesOf(gzipSync(tar));
  assert.deepEqual([...read.keys()], FILES.map(([name]) => name));
  for (const [name, content] of FILES) assert.deepEqual(new Uint8Array(read.get(name)!), content, name);
});

Deno.test(needing("tar lists what was packed, as npm's tarballs have it", without("tar")), async () => {
  const path = await Deno.makeTempFile({ suffix: ".tgz" });
  try {
    await Deno.writeFile(path, gzipSync(tarOf(FILES)));
    const { success, stdout } = await new Deno.Command("tar", {
      args: ["--list", "--verbose", "--utc", "--numeric-owner", "--file", path],
      env: { LC_ALL: "C" },
    }).output();
    assert.ok(success);
    assert.deepEqual(text(stdout).trim().split("\n").map((line) => line.split(/ +/)), [
      ["-rw-r--r--", "0/0", "3", "1985-10-26", "08:15", "package/package.json"],
      ["-rw-r--r--", "0/0", "0", "1985-10-26", "08:15", "package/empty"],
      ["-rw-r--r--", "0/0", "512", "1985-10-26", "08:15", "package/block"],
      ["-rw-r--r--", "0/0", "1000", "1985-10-26", "08:15", "package/pli_native.linux-x64-gnu.node"],
    ]);
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("names that lead elsewhere, links, and wrong sizes and sums are refused", () => {
  assert.equal(filesOf(altered(0, "package/package.json")).size, FILES.length);
  for (
    const [offset, replacement] of [
      [0, "package/../a.json"],
      [0, "package/a/b.json\0\0\0\0"],
      [0, "package/.package.jso"],
      [0, "package/\0\0\0\0\0\0\0\0\0\0\0\0"],
      [0, "elsewhere/package.js"],
      [0, "/package/package.jso"],
      [0, "package/a\\b\0\0\0\0\0\0\0\0"],
      [124, "77777777777"],
      [124, "-0000000001"],
      [124, "00000002001"],
      [156, "2"],
      [156, "5"],
      [345, "prefix"],
    ] as const
  ) {
    assert.throws(() => filesOf(altered(offset, replacement)), /malformed tarball/, replacement);
  }
  const tar = tarOf(FILES);
  tar[10] ^= 1;
  assert.throws(() => filesOf(gzipSync(tar)), /malformed tarball/);
  assert.throws(() => filesOf(gzipSync(tarOf([FILES[0], FILES[0]]))), /malformed tarball/);
  for (const end of [100, 512, 600, 2_048]) {
    assert.throws(() => filesOf(gzipSync(tarOf(FILES).subarray(0, end))), /malformed tarball/, `${end}`);
  }
  assert.throws(() => filesOf(bytes("no gzip")));
});
