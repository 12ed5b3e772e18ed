// npm's tarballs, as far as the prebuilt addons need them: a gzipped ustar archive of a few regular files below
// `package/`. The writer is deterministic, and writes the archives of a release too, without that folder. The reader
// accepts what the writer writes for npm, and throws for any other name, type or size. Runs under Node.js and under
// Deno.
//
//     512 bytes  name 100, mode 8, uid 8, gid 8, size 12, mtime 12, checksum 8, type 1, …, "ustar\0" "00", …
//     the content, padded with zeros to a multiple of 512 bytes
//     …
//     1,024 zero bytes

import { Buffer } from "node:buffer";
import { gunzipSync } from "node:zlib";

const BLOCK = 512;
const PREFIX = "package/";
/** The time of every file, in seconds: the one that npm gives. */
export const MODIFIED = 499_162_500;
/** Maximum of an unpacked tarball. */
const MAXIMUM_BYTES = 128 * 1024 * 1024;

/**
 * The archive, without compression, of the files in the order given: `[name, bytes]`, or `[name, bytes, mode]`.
 *
 * @param {[string, Uint8Array, number?][]} files
 */
export function tarOf(files, prefix = PREFIX) {
  const parts = files.flatMap(([name, bytes, mode = 0o644]) => {
    return [header(prefix + name, bytes.length, mode), bytes, Buffer.alloc(-bytes.length & (BLOCK - 1))];
  });
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
}

/** The files of a tarball by their names without `package/`. Throws an Error for a malformed one. */
export function filesOf(tarball) {
  const tar = gunzipSync(tarball, { maxOutputLength: MAXIMUM_BYTES });
  const files = new Map();
  for (let at = 0; at + BLOCK <= tar.length;) {
    const head = tar.subarray(at, at + BLOCK);
    if (head.every((byte) => byte === 0)) return files;
    const { name, size } = entryOf(head);
    const content = tar.subarray(at + BLOCK, at + BLOCK + size);
    if (content.length < size || files.has(name)) throw new Error(`malformed tarball: ${name}`);
    files.set(name, content);
    at += BLOCK + size + (-size & (BLOCK - 1));
  }
  throw new Error("malformed tarball: no end");
}

/** Name and size of a header. Throws unless it is one of a file directly in `package/`. */
function entryOf(head) {
  const text = (start, length) => head.toString("latin1", start, start + length).replace(/\0.*$/s, "");
  const [, name] = /^package\/([\w][\w.-]*)$/.exec(text(0, 100)) ?? [];
  const size = /^[0-7]{11}$/.test(text(124, 12)) ? parseInt(text(124, 12), 8) : NaN;
  const isFile = text(156, 1) === "0" && text(345, 155) === "";
  if (
    name === undefined || !isFile || !(size <= MAXIMUM_BYTES) || parseInt(text(148, 8), 8) !== sumOf(head)
  ) {
    throw new Error("malformed tarball: header");
  }
  return { name, size };
}

function header(name, size, mode) {
  const head = Buffer.alloc(BLOCK);
  const octal = (value, digits) => value.toString(8).padStart(digits, "0");
  head.write(name, 0);
  head.write(`${octal(mode, 7)}\0${octal(0, 7)}\0${octal(0, 7)}\0`, 100);
  head.write(`${octal(size, 11)}\0${octal(MODIFIED, 11)}\0`, 124);
  head.write("0", 156);
  head.write("ustar\x0000", 257);
  head.write(`${octal(sumOf(head), 6)}\0 `, 148);
  return head;
}

/** The sum of a header's bytes, with spaces in place of the sum. */
function sumOf(head) {
  return head.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 0x20 : byte), 0);
}
