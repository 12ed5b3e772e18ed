// The maximum rate of the network binding: bytes from one process to another without hashing or framing, either from
// memory, or read from a file with a little read-ahead and written to one. The benchmark compares pli's rate with it, so
// every optimisation that is not specific to pli belongs here too.
//
//   deno run -A tests/bench/pump.ts send-bytes COUNT | send-file PATH           prints its address
//   deno run -A tests/bench/pump.ts take-bytes WHERE | take-file WHERE PATH     prints {"bytes":…,"seconds":…}

import { writeAll } from "./lab.ts";
import { type Incoming, type Outgoing, serve, take } from "./pump_stream.ts";

/** Size of reads, writes and pieces of the stream. */
const PIECE_BYTES = 1024 * 1024;
/** One is read or written while the other is in the stream. */
const PIECES = 2;

async function sendBytes(to: Outgoing, count: number): Promise<void> {
  const piece = new Uint8Array(PIECE_BYTES).map((_, i) => i * 2654435761 >>> 13);
  for (let left = count; left > 0; left -= PIECE_BYTES) await to.write(piece.subarray(0, left));
}

async function sendFile(to: Outgoing, path: string): Promise<void> {
  using file = await Deno.open(path);
  const pieces = newPieces();
  let reading = file.read(pieces[0]);
  for (let i = 0;; i++) {
    const length = await reading;
    if (length === null) return;
    reading = file.read(pieces[(i + 1) % PIECES]);
    await to.write(pieces[i % PIECES].subarray(0, length));
  }
}

async function takeBytes(from: Incoming): Promise<number> {
  const [piece] = newPieces();
  let bytes = 0;
  for (let length = await from.fill(piece); length > 0; length = await from.fill(piece)) bytes += length;
  return bytes;
}

/** Flushes at the end, like pli. */
async function takeFile(from: Incoming, path: string): Promise<number> {
  using file = await Deno.open(path, { write: true, createNew: true });
  const pieces = newPieces();
  let bytes = 0;
  let writing = Promise.resolve();
  for (let i = 0;; i++) {
    const length = await from.fill(pieces[i % PIECES]);
    await writing;
    if (length === 0) break;
    writing = writeAll(file, pieces[i % PIECES].subarray(0, length));
    bytes += length;
  }
  await file.sync();
  return bytes;
}

function newPieces(): Uint8Array<ArrayBuffer>[] {
  return Array.from({ length: PIECES }, () => new Uint8Array(PIECE_BYTES));
}

/** Measures from before the endpoint is bound, like pli. */
async function timed(where: string, pump: (from: Incoming) => Promise<number>): Promise<void> {
  const startMs = performance.now();
  let result = { bytes: 0, seconds: 0 };
  await take(where, async (from) => {
    const bytes = await pump(from);
    result = { bytes, seconds: (performance.now() - startMs) / 1000 };
  });
  await print(JSON.stringify(result));
}

async function print(line: string): Promise<void> {
  await writeAll(Deno.stdout, new TextEncoder().encode(`${line}\n`));
}

const [mode, first, second] = Deno.args;
if (mode === "send-bytes") await serve(print, (to) => sendBytes(to, Number(first)));
else if (mode === "send-file") await serve(print, (to) => sendFile(to, first));
else if (mode === "take-bytes") await timed(first, takeBytes);
else if (mode === "take-file") await timed(first, (from) => takeFile(from, second));
else throw new Error("want send-bytes, send-file, take-bytes or take-file");
