// Fetches the content of files and hands each verified leaf on, in order. One stream at a time.

import { BlobDecoder } from "../bao/decoder.ts";
import { PliError } from "../errors.ts";
import type { Hasher } from "../ports.ts";
import { EVERYTHING, NOTHING, type RangeSpec, select } from "../wire/range_spec.ts";
import { RangesSequence } from "../wire/ranges_sequence.ts";
import type { RemoteFile } from "./manifest.ts";
import { openRequest, type Provision, toldApart } from "./open_request.ts";
import type { StreamReader } from "./stream_reader.ts";

/** Runs of neighbouring files in one request, which keeps it far below its maximum length. */
const REQUEST_MAXIMUM_RUNS = 20_000;

/** Where verified bytes go, by a file's index in the list. `bytes` are valid during the call only. */
export interface Sink {
  write(index: number, offsetBytes: number, bytes: Uint8Array): Promise<void>;
  /** All of a file has been written. */
  finish(index: number): Promise<void>;
}

export interface GetterOptions extends Provision {
  hasher: Hasher;
  rootHash: Uint8Array;
  files: readonly RemoteFile[];
  sink: Sink;
}

/**
 * Fetches those of the files whose indexes are `wanted`; these rise, and so do the files' offsets. Throws
 * `wrong_bytes`, `source_lost`, `peer_refused`, `connection_lost`, and what the sink throws.
 */
export async function fetchFiles(options: GetterOptions, wanted: readonly number[]): Promise<void> {
  const { rootHash, files, sink } = options;
  // Nobody asks for the empty blob: everybody has it.
  for (const index of wanted) if (files[index].sizeBytes === 0) await sink.finish(index);
  const indexByOffset = new Map<number, number>();
  for (const index of wanted) if (files[index].sizeBytes > 0) indexByOffset.set(files[index].offset, index);
  for (const batch of batches(indexByOffset.keys())) {
    const request = { kind: "get", hash: rootHash, ranges: rangesOf(batch) } as const;
    const response = await openRequest(options, request);
    for (const offset of batch) {
      const index = indexByOffset.get(offset)!;
      const { name } = files[index];
      const reading = response.inside(name, (stream) => takeFile(options, stream, index));
      await toldApart(options, rootHash, name, reading);
    }
    await response.end();
  }
}

async function takeFile(
  { hasher, files, sink }: GetterOptions,
  stream: StreamReader,
  index: number,
): Promise<void> {
  const file = files[index];
  const decoder = new BlobDecoder({
    hasher,
    hash: file.hash,
    select: (chunks) => select(EVERYTHING, chunks),
    maximumBytes: Number.MAX_SAFE_INTEGER,
  });
  while (decoder.needBytes > 0) {
    const decoded = decoder.accept(await stream.take(decoder.needBytes));
    if (decoded.kind === "size" && decoded.sizeBytes !== file.sizeBytes) {
      throw new PliError("wrong_bytes", { hash: file.hash.toHex(), chunk: 0 });
    }
    if (decoded.kind === "leaf") await sink.write(index, decoded.offsetBytes, decoded.bytes);
  }
  await sink.finish(index);
}

/** Cuts rising offsets into lists of at most `REQUEST_MAXIMUM_RUNS` runs of neighbours. */
function* batches(offsets: Iterable<number>): Generator<number[]> {
  let batch: number[] = [];
  let runs = 0;
  for (const offset of offsets) {
    const isNewRun = batch.at(-1) !== offset - 1;
    if (isNewRun && runs === REQUEST_MAXIMUM_RUNS) {
      yield batch;
      batch = [];
      runs = 0;
    }
    if (isNewRun) runs++;
    batch.push(offset);
  }
  if (batch.length > 0) yield batch;
}

function rangesOf(offsets: readonly number[]): RangesSequence {
  const pairs: [number, RangeSpec][] = [];
  offsets.forEach((offset, i) => {
    if (offsets[i - 1] !== offset - 1) pairs.push([offset, EVERYTHING]);
    if (offsets[i + 1] !== offset + 1) pairs.push([offset + 1, NOTHING]);
  });
  return RangesSequence.of(...pairs);
}
