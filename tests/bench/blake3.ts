// deno-lint-ignore-file no-console -- a program, and what it prints is its result
// How fast the WASM kernel hashes whole blobs, against blake3-jit, the fastest package for the same job. Both take
// turns in pairs, so that a busy machine slows both: quote the ratio. Run it as
//
//   deno run -A tests/bench/blake3.ts

import { hash as jitHash } from "blake3-jit";
import { deepEqual } from "node:assert/strict";
import { randomFillSync } from "node:crypto";
import { cpus } from "node:os";
import { BLOCK_BYTES } from "../../src/engine/bao/geometry.ts";
import { wasmHasher } from "../../src/engine/blake3/wasm_hasher.ts";
import { fold } from "../engine/blake3/fold.ts";

const PAIRS = 9;
const SIZES_BYTES = [256 * 1024 ** 2, 1024 ** 2, 16 * 1024, 4 * 1024, 1024];

const hasher = wasmHasher();
const content = randomFillSync(new Uint8Array(SIZES_BYTES[0]));

console.log(
  `BLAKE3, one thread, on ${cpus()[0].model}, Deno ${Deno.version.deno}; medians of ${PAIRS} pairs`,
);
for (const sizeBytes of SIZES_BYTES) {
  const repeats = Math.min(20_000, SIZES_BYTES[0] / sizeBytes);
  const bytes = content.subarray(0, sizeBytes);
  deepEqual(kernelHash(bytes), jitHash(bytes));
  const pairs: { kernelMs: number; jitMs: number; ratio: number }[] = [];
  for (let i = 0; i <= PAIRS; i++) {
    const kernelMs = timeMs(repeats, () => kernelHash(bytes));
    const jitMs = timeMs(repeats, () => jitHash(bytes));
    if (i > 0) pairs.push({ kernelMs, jitMs, ratio: jitMs / kernelMs }); // the first pair warms up
  }
  const ratios = pairs.map((pair) => pair.ratio).sort((a, b) => a - b);
  const speed = (times: number[]) => `${Math.round(sizeBytes * repeats / 1000 / median(times))} MB/s`;
  console.log(
    `${sizeBytes / 1024} KiB: kernel ${speed(pairs.map((pair) => pair.kernelMs))}, ` +
      `blake3-jit ${speed(pairs.map((pair) => pair.jitMs))}, ratio ${median(ratios).toFixed(2)} ` +
      `(${ratios[0].toFixed(2)} to ${ratios[ratios.length - 1].toFixed(2)})`,
  );
}

function kernelHash(blob: Uint8Array): Uint8Array {
  if (blob.length <= BLOCK_BYTES) return hasher.leaf(blob, 0, true);
  return fold(hasher, hasher.hashBlocks(blob, 0), true);
}

function timeMs(repeats: number, hash: () => Uint8Array): number {
  const start = performance.now();
  for (let i = 0; i < repeats; i++) hash();
  return performance.now() - start;
}

function median(numbers: number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1];
}
