// The requests of 1 MiB with the highest cost for a provider.

import { PostcardWriter } from "../../../src/engine/bytes/postcard.ts";
import { REQUEST_MAXIMUM_BYTES } from "../../../src/engine/wire/request.ts";

/** Maximum size of the part before the numbers. */
const HEAD_BYTES = 80;

function requestOf(entryCount: number, write: (writer: PostcardWriter) => void): Uint8Array {
  const writer = new PostcardWriter().u8(0).raw(new Uint8Array(32)).u64(entryCount);
  write(writer);
  return writer.finish();
}

/** One spec that begins with a width, followed by as many others as fit. */
function specOf(first: bigint, other: number[]): Uint8Array {
  const count = Math.floor((REQUEST_MAXIMUM_BYTES - HEAD_BYTES) / other.length);
  return requestOf(1, (writer) => {
    writer.u64(0).u64(count).u64(first);
    const bytes = Uint8Array.from(other);
    for (let i = 1; i < count; i++) writer.raw(bytes);
  });
}

/** As many entries as fit, of two specs in turn. */
function entriesOf(...specs: [number[], number[]]): Uint8Array {
  const count = 2 * Math.floor((REQUEST_MAXIMUM_BYTES - HEAD_BYTES) / (2 + specs.flat().length));
  return requestOf(count, (writer) => {
    for (let i = 0; i < count; i++) {
      writer.u8(1);
      for (const byte of specs[i % 2]) writer.u8(byte);
    }
  });
}

export const REQUESTS = {
  "a million widths of one byte": specOf(0n, [1]),
  "a million widths of one byte behind 2^63": specOf(2n ** 63n, [1]),
  "half a million widths of two bytes": specOf(0n, [0x80, 1]),
  "widths of one byte in two": specOf(0n, [0x81, 0]),
  "entries of everything and nothing": entriesOf([1, 0], [0]),
  "entries that differ in one number": entriesOf([1, 0], [1, 1]),
  "entries that differ in the last of many": entriesOf([100, ...Array(100).fill(1)], [
    100,
    ...Array(99).fill(1),
    2,
  ]),
  "thirty thousand hashes": new PostcardWriter().u8(9).u64(32_000).raw(new Uint8Array(32 * 32_000)).u64(0)
    .finish(),
};
