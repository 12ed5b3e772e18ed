// The names of staging folders, and how they are recognised.

import { hexOf } from "./hex.ts";

/** The lock file in a staging folder, present from its creation to its removal. */
export const STAGING_LOCK = "lock";

/** The second part is absent in names made by earlier versions. */
const PATTERN = /^\.pli-([0-9a-f]{16})(?:-[0-9a-f]{32})?$/;
const RANDOM_BYTES = 16;

/**
 * The name of a new staging folder: 64 bits of the collection's hash, by which it is found again, and 128 random bits,
 * so that other users of a shared folder cannot create it in advance.
 */
export function newStagingName(rootHash: Uint8Array): string {
  return `.pli-${hashPart(rootHash)}-${hexOf(crypto.getRandomValues(new Uint8Array(RANDOM_BYTES)))}`;
}

export function isStagingName(name: string): boolean {
  return PATTERN.test(name);
}

/** Whether a staging folder of a collection can have this name. */
export function isStagingNameOf(name: string, rootHash: Uint8Array): boolean {
  return PATTERN.exec(name)?.[1] === hashPart(rootHash);
}

function hashPart(rootHash: Uint8Array): string {
  return hexOf(rootHash.subarray(0, 8));
}
