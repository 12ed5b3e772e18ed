// Shared by the suites of the hash port: each test on the portable hasher and on the native one. Where the
// native addon has not been built, its tests are ignored.

import { nativeHasher } from "../../../src/engine/blake3/native_hasher.ts";
import { wasmHasher } from "../../../src/engine/blake3/wasm_hasher.ts";
import type { Hasher } from "../../../src/engine/ports.ts";
import { needing, NO_ADDON } from "../../left_out.ts";

export const KIB = 1024;
export const MIB = 1024 * KIB;

/** A test of every hasher. */
export function contract(sentence: string, test: (hasher: Hasher) => void): void {
  Deno.test(`the WASM hasher: ${sentence}`, () => test(wasmHasher()));
  Deno.test(needing(`the native hasher: ${sentence}`, NO_ADDON), () => test(nativeHasher()));
}
