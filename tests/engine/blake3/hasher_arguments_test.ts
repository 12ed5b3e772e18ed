// Arguments that both hashers refuse: subtrees that BLAKE3's tree cannot have, and arrays of wrong sizes.

import { deepEqual, throws } from "node:assert/strict";
import { randomFillSync } from "node:crypto";
import { contract, KIB, MIB } from "./two_hashers.ts";

const random = randomFillSync(new Uint8Array(2 * MIB));

contract("arguments of wrong types are a TypeError", (hasher) => {
  const bytes = new Uint8Array(32);
  const none = new Uint8Array(0);
  for (const wrong of [null, undefined, "0", 0n, [0], new ArrayBuffer(32)] as never[]) {
    throws(() => hasher.leaf(wrong, 0, false), TypeError);
    throws(() => hasher.leaf(bytes, wrong, false), TypeError);
    throws(() => hasher.leaf(bytes, 0, wrong), TypeError);
    throws(() => hasher.parent(wrong, bytes, false), TypeError);
    throws(() => hasher.parent(bytes, wrong, false), TypeError);
    throws(() => hasher.parent(bytes, bytes, wrong), TypeError);
    throws(() => hasher.parents(wrong, false), TypeError);
    throws(() => hasher.parents(new Uint8Array(64), wrong), TypeError);
    throws(() => hasher.subtree(wrong, 0, false, none), TypeError);
    throws(() => hasher.subtree(bytes, wrong, false, none), TypeError);
    throws(() => hasher.subtree(bytes, 0, wrong, none), TypeError);
    throws(() => hasher.subtree(bytes, 0, false, wrong), TypeError);
    throws(() => hasher.hashBlocks(wrong, 0), TypeError);
    throws(() => hasher.hashBlocks(bytes, wrong), TypeError);
  }
});

contract("invalid chunk numbers are a RangeError", (hasher) => {
  const bytes = new Uint8Array(1);
  for (const wrong of [-1, 0.5, NaN, Infinity, -Infinity, 2 ** 43 + 1, 2 ** 53]) {
    throws(() => hasher.leaf(bytes, wrong, false), RangeError);
    throws(() => hasher.subtree(bytes, wrong, false, new Uint8Array(0)), RangeError);
    throws(() => hasher.hashBlocks(bytes, wrong), RangeError);
  }
});

contract("a position at which BLAKE3's tree has no such subtree is a RangeError", (hasher) => {
  const places = [[KIB + 1, 1, false], [3 * KIB, 6, false], [MIB, 512, false], [KIB, 1, true]] as const;
  for (const [sizeBytes, firstChunk, isRoot] of places) {
    const bytes = random.subarray(0, sizeBytes);
    throws(() => hasher.leaf(bytes, firstChunk, isRoot), RangeError);
    const pairs = new Uint8Array(sizeBytes === MIB ? 63 * 64 : 0);
    throws(() => hasher.subtree(bytes, firstChunk, isRoot, pairs), /begins at/);
  }
  throws(() => hasher.hashBlocks(random.subarray(0, KIB), 16), RangeError);
});

contract("more than 1 MiB, and values that are not 32 bytes, are a RangeError", (hasher) => {
  throws(() => hasher.leaf(new Uint8Array(MIB + 1), 0, true), RangeError);
  throws(() => hasher.subtree(new Uint8Array(MIB + 1), 0, true, new Uint8Array(64 * 64)), RangeError);
  const value = new Uint8Array(32);
  for (const wrong of [0, 31, 33]) {
    throws(() => hasher.parent(new Uint8Array(wrong), value, false), RangeError);
    throws(() => hasher.parent(value, new Uint8Array(wrong), false), RangeError);
  }
});

contract(
  "levels of less than two whole values, and roots above more than two, are a RangeError",
  (hasher) => {
    for (const wrong of [0, 1, 32, 63, 65, 95]) {
      throws(() => hasher.parents(new Uint8Array(wrong), false), RangeError);
    }
    for (const count of [3, 4, 1025]) {
      throws(() => hasher.parents(random.subarray(0, count * 32), true), RangeError);
    }
  },
);

contract("memory for more or fewer pairs than a subtree has is a RangeError", (hasher) => {
  for (const [sizeBytes, pairs] of [[0, 0], [1, 0], [16 * KIB, 0], [16 * KIB + 1, 1], [MIB, 63]]) {
    for (const wrong of [pairs * 64 - 64, pairs * 64 - 1, pairs * 64 + 1, pairs * 64 + 64]) {
      if (wrong < 0) continue;
      const bytes = random.subarray(0, sizeBytes);
      throws(() => hasher.subtree(bytes, 0, true, new Uint8Array(wrong)), RangeError, `${sizeBytes}`);
    }
  }
});

contract("an empty subtree that is not a whole blob is a RangeError", (hasher) => {
  const none = new Uint8Array(0);
  for (const firstChunk of [0, 1, 1024, 2 ** 43]) {
    throws(() => hasher.leaf(none, firstChunk, false), /only a whole blob can be empty/);
    throws(() => hasher.subtree(none, firstChunk, false, none), RangeError);
  }
  throws(() => hasher.leaf(none, 1, true), RangeError);
  deepEqual(hasher.leaf(none, 0, true), hasher.subtree(none, 0, true, none));
});
