// Answers one Get or GetMany: for every offset that is asked for, the blob's size and encoding, read and
// verified block by block. The loop that turns the encoder's crank.

import { encode } from "../bao/encoder.ts";
import { chunkCount } from "../bao/geometry.ts";
import type { RangeSet } from "../bao/range_set.ts";
import type { VerifiedSpan } from "../bao/verified_span.ts";
import { PliError } from "../errors.ts";
import type { SharedBlob } from "../store/shared_blob.ts";
import { equalSpecs, LAST_CHUNK, type RangeSpec, select } from "../wire/range_spec.ts";
import type { SequenceRun } from "../wire/ranges_sequence.ts";
import type { Request } from "../wire/request.ts";
import type { SharedCollection } from "./shared_collection.ts";

/** Bytes gathered before they are handed to the stream. */
const WRITE_BYTES = 64 * 1024;

/** One blob of a response. */
export interface ResponsePart {
  blob: SharedBlob;
  spec: RangeSpec;
}

/**
 * What a request asks of a collection, in order and lazily; throws `peer_refused` where it names what the
 * share does not have: an unknown hash, or children of anything but the root.
 */
export function* responseParts(request: Request, collection: SharedCollection): Generator<ResponsePart> {
  if (request.kind === "get_many") {
    yield* partsOf(request.ranges.runs(request.hashes.length), (i) => known(collection, request.hashes[i]));
    return;
  }
  const blob = known(collection, request.hash);
  if (blob !== collection.root && request.ranges.asksChildren) throw new PliError("peer_refused", {});
  const offsets = blob === collection.root ? collection.offsets : 1;
  yield* partsOf(request.ranges.runs(offsets), (i) => i === 0 ? blob : collection.atOffset(i));
}

/** Whether a request takes file data: more than the root, the metadata and proofs of sizes. */
export function asksData(request: Request, collection: SharedCollection): boolean {
  for (const { blob, spec } of responseParts(request, collection)) {
    if (collection.isFile(blob) && !equalSpecs(spec, LAST_CHUNK)) return true;
  }
  return false;
}

function* partsOf(
  runs: Iterable<SequenceRun>,
  blobAt: (offset: number) => SharedBlob,
): Generator<ResponsePart> {
  for (const { start, end, spec } of runs) {
    for (let offset = start; offset < end; offset++) yield { blob: blobAt(offset), spec };
  }
}

function known(collection: SharedCollection, hash: Uint8Array): SharedBlob {
  const blob = collection.withHash(hash);
  if (blob === undefined) throw new PliError("peer_refused", {});
  return blob;
}

/** Bytes on their way to a stream, gathered into equal pieces so that small nodes do not cost a call each. */
export class GatheredWriter {
  readonly #buffer = new Uint8Array(WRITE_BYTES);
  readonly #write: (bytes: Uint8Array) => Promise<void>;
  #length = 0;

  /** @param write has copied the bytes when it resolves */
  constructor(write: (bytes: Uint8Array) => Promise<void>) {
    this.#write = write;
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let start = 0; start < bytes.length;) {
      const part = bytes.subarray(start, start + WRITE_BYTES - this.#length);
      this.#buffer.set(part, this.#length);
      this.#length += part.length;
      start += part.length;
      if (this.#length === WRITE_BYTES) await this.flush();
    }
  }

  async flush(): Promise<void> {
    if (this.#length === 0) return;
    await this.#write(this.#buffer.subarray(0, this.#length));
    this.#length = 0;
  }
}

/**
 * Writes one part and tells which chunks it had. `onPayload` is told of the blob's own bytes as they go.
 * Throws `source_changed`, and what the writer throws.
 */
export async function writePart(
  { blob, spec }: ResponsePart,
  writer: GatheredWriter,
  onPayload: (bytes: number) => void,
): Promise<RangeSet> {
  const selected = select(spec, chunkCount(blob.sizeBytes));
  const steps = encode(blob.sizeBytes, blob.blocks, selected);
  const reader = await blob.open();
  try {
    let span: VerifiedSpan | undefined;
    for (let step = steps.next(); !step.done; step = steps.next(span)) {
      if ("read" in step.value) {
        span = await reader.read(step.value.read);
      } else {
        for (const bytes of step.value.send) await writer.write(bytes);
        onPayload(step.value.payloadBytes);
      }
    }
  } finally {
    await reader.close();
  }
  return selected;
}
