// Requests one chunk of a share. A receipt counts only for what was sent to its receiver, so a receiver that has
// everything already requests one chunk before its receipt.

import type { Listed } from "../../listed.ts";
import { NOTHING, RangeSpec } from "../../wire/range_spec.ts";
import { RangesSequence } from "../../wire/ranges_sequence.ts";
import { openRequest, type ProviderConnection } from "./open_request.ts";
import type { RemoteFile } from "./remote_files.ts";

/** A size, a chunk, and the hash pairs above it in a file of maximum size. */
const ANSWER_MAXIMUM_BYTES = 8 + 1024 + 64 * 64;

/** Whether the provider has sent the first chunk of the first file that has one. */
export async function takeChunk(
  provider: ProviderConnection,
  rootHash: Uint8Array,
  files: Listed<RemoteFile>,
): Promise<boolean> {
  const offset = firstWithContent(files);
  if (offset === undefined) return false;
  try {
    const ranges = RangesSequence.of([offset, RangeSpec.of(0, 1)], [offset + 1, NOTHING]);
    const { stream } = await openRequest(provider, { kind: "get", hash: rootHash, ranges });
    // Not verified: it is part of a file that is already verified.
    return (await stream.rest(ANSWER_MAXIMUM_BYTES, "chunk")).length > 0;
  } catch {
    return false;
  }
}

function firstWithContent(files: Listed<RemoteFile>): number | undefined {
  for (const { offset, sizeBytes } of files) if (sizeBytes > 0) return offset;
}
