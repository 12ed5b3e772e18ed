// Writes zip archives of a few regular files: the same files are the same bytes. Larger files than 4 GiB, comments and
// encryption are out of its scope.
//
//     for each file     local header 30 bytes, name, deflated content
//     for each file     central header 46 bytes, name: the local header's fields, the mode, and its offset
//     end of directory  22 bytes: counts, and place of the central headers

import { crc32, deflateRawSync } from "node:zlib";
import { Buffer } from "node:buffer";
import { MODIFIED } from "../tarball.mjs";

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
/** Version 2.0 of the format: deflated content. */
const NEEDED = 20;
/** Made on Unix, which gives the upper half of the attributes its meaning: the mode. */
const MADE_BY = (3 << 8) | NEEDED;
const REGULAR_FILE = 0o100000;
const UTF_8 = 1 << 11;
const DEFLATED = 8;

/** The archive of the files in the order given: name, content, mode. */
export function zipOf(files: readonly (readonly [string, Uint8Array, number])[]): Uint8Array {
  const locals: Uint8Array[] = [];
  const centrals: Uint8Array[] = [];
  let offset = 0;
  for (const [name, bytes, mode] of files) {
    const path = Buffer.from(name);
    const content = deflateRawSync(bytes, { level: 9 });
    const common = commonFields(bytes, content.length, path.length);
    const [attributes, none] = [u32(((REGULAR_FILE | mode) << 16) >>> 0), Buffer.alloc(6)];
    centrals.push(Buffer.concat([u32(CENTRAL), u16(MADE_BY), common, none, attributes, u32(offset), path]));
    const local = Buffer.concat([u32(LOCAL), common, path]);
    locals.push(local, content);
    offset += local.length + content.length;
  }
  const directory = Buffer.concat(centrals);
  const counts = [u16(0), u16(0), u16(files.length), u16(files.length)];
  const end = [u32(END), ...counts, u32(directory.length), u32(offset), u16(0)];
  return Buffer.concat([...locals, directory, ...end]);
}

/** What the local and the central header have in common. */
function commonFields(bytes: Uint8Array, packed: number, nameLength: number): Uint8Array {
  return Buffer.concat([
    u16(NEEDED),
    u16(UTF_8),
    u16(DEFLATED),
    ...dosTime(new Date(MODIFIED * 1000)),
    u32(crc32(bytes)),
    u32(packed),
    u32(bytes.length),
    u16(nameLength),
    u16(0),
  ]);
}

/** Time and date; zip has no time zone, and seconds in pairs. */
function dosTime(time: Date): [Buffer, Buffer] {
  const clock = time.getUTCHours() << 11 | time.getUTCMinutes() << 5 | time.getUTCSeconds() >> 1;
  const day = time.getUTCFullYear() - 1980 << 9 | time.getUTCMonth() + 1 << 5 | time.getUTCDate();
  return [u16(clock), u16(day)];
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

/** Throws for a number that needs more bytes. */
function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
