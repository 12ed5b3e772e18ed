// Reads from streams: some bytes, or all.

import type { ReceiveStream } from "../../src/engine/ports.ts";

/** At least 1 and at most `maximumBytes` bytes, or null at the end. */
export async function readSome(stream: ReceiveStream, maximumBytes: number): Promise<Uint8Array | null> {
  const waiting = await stream.ready(1);
  if (waiting === 0) return null;
  const bytes = new Uint8Array(Math.min(waiting, maximumBytes));
  stream.take([bytes]);
  return bytes;
}

/** Everything to the end. */
export async function readAll(stream: ReceiveStream): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for (let bytes = await readSome(stream, 1 << 20); bytes; bytes = await readSome(stream, 1 << 20)) {
    pieces.push(bytes);
  }
  return Uint8Array.from(pieces.flatMap((piece) => [...piece]));
}
