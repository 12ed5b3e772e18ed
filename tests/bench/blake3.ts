// deno-lint-ignore-file no-console -- a program, and what it prints is its result
// Throughput of pli's hashers for whole blobs, compared with blake3-jit, the fastest package for the same task. They
// run in turn, so that other work slows all of them: the ratios are the result. The native addon hashes blocks on all
// cores. Run it as
//
//   deno run -A tests/bench/blake3.ts

import { hash as jitHash } from "blake3-jit";
import { deepEqual } from "node:assert/strict";
import { randomFillSync } from "node:crypto";
import { cpus } from "node:os";
import { BLOCK_BYTES } from "../../src/engine/bao/geometry.ts";
import { nativeHasher } from "../../src/engine/blake3/native_hasher.ts";
import { wasmHasher } from "../../src/engine/blake3/wasm_hasher.ts";
import { addonUrl } from "../../src/engine/native/choice.ts";
import type { Hasher } from "../../src/engine/ports.ts";
import { fold } from "../engine/blake3/fold.ts";

const ROUNDS = 9;
const SIZES_BYTES = [256 * 1024 ** 2, 1024 ** 2, 16 * 1024, 4 * 1024, 1024];

const rows: { name: string; hash: (blob: Uint8Array) => Uint8Array }[] = [
  { name: "blake3-jit", hash: jitHash },
  { name: "kernel", hash: wholeHash(wasmHasher()) },
];
if (addonUrl() !== null) rows.push({ name: "native", hash: wholeHash(nativeHasher()) });
const content = randomFillSync(new Uint8Array(SIZES_BYTES[0]));

console.log(`BLAKE3 on ${cpus()[0].model}, Deno ${Deno.version.deno}; medians of ${ROUNDS} rounds`);
for (const sizeBytes of SIZES_BYTES) {
  const repeats = Math.min(20_000, SIZES_BYTES[0] / sizeBytes);
  const bytes = content.subarray(0, sizeBytes);
  const times = rows.map((): number[] => []);
  for (const { hash } of rows) deepEqual(hash(bytes), jitHash(bytes));
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [i, { hash }] of rows.entries()) {
      const ms = timeMs(repeats, () => hash(bytes));
      if (round > 0) times[i].push(ms); // the first round warms up
    }
  }
  for (const [i, { name }] of rows.entries()) {
    const ratios = times[0].map((jitMs, round) => jitMs / times[i][round]).sort((a, b) => a - b);
    console.log(
      `${sizeBytes / 1024} KiB: ${name} ${Math.round(sizeBytes * repeats / 1000 / median(times[i]))} MB/s, ` +
        `ratio ${median(ratios).toFixed(2)} (${ratios[0].toFixed(2)} to ${ratios.at(-1)!.toFixed(2)})`,
    );
  }
}

function wholeHash(hasher: Hasher): (blob: Uint8Array) => Uint8Array {
  return (blob) => {
    if (blob.length <= BLOCK_BYTES) return hasher.leaf(blob, 0, true);
    return fold(hasher, hasher.hashBlocks(blob, 0), true);
  };
}

function timeMs(repeats: number, hash: () => Uint8Array): number {
  const start = performance.now();
  for (let i = 0; i < repeats; i++) hash();
  return performance.now() - start;
}

function median(numbers: number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1];
}
