// What the folders are called in which files are until they are whole, and how they are known again.

/** What is in each from its first moment to its last. */
export const STAGING_LOCK = "lock";

const PATTERN = /^\.pli-[0-9a-f]{16}$/;

/** The name of the folder in a destination where a collection is until it is whole: 64 bits of its hash tell it apart. */
export function stagingName(rootHash: Uint8Array): string {
  return `.pli-${rootHash.subarray(0, 8).toHex()}`;
}

export function isStagingName(name: string): boolean {
  return PATTERN.test(name);
}
