// The spans that a response needs, read and verified ahead of the stream that they go to: while one is being
// sent, the next ones come from the disk, over the borders of files too. In order, bounded in bytes and count.

import { type SpanRequest, spanRequestBytes, spanRequests } from "../bao/encoder.ts";
import { chunkCount } from "../bao/geometry.ts";
import type { RangeSet } from "../bao/range_set.ts";
import type { VerifiedSpan } from "../bao/verified_span.ts";
import type { BlockMemory, BlockPool } from "../store/block_pool.ts";
import type { BlobReader, SharedBlob } from "../store/shared_blob.ts";
import { type RangeSpec, select } from "../wire/range_spec.ts";

/** Spans of a pool's memory that are ready or being read, the one in use not counted. */
const LARGE_AHEAD = 2;
/** The same for small ones: they cost a file's opening each, and hardly any memory. */
const SMALL_AHEAD = 16;
/** Spans of at most this many bytes get memory of their own. */
const SMALL_BYTES = 64 * 1024;

/** One blob of a response. */
export interface ResponsePart {
  blob: SharedBlob;
  spec: RangeSpec;
}

/** What comes next of a response: the beginning of a part, or the next span of the part that began last. */
export type Ahead =
  | { kind: "part"; part: ResponsePart; selected: RangeSet }
  /** `isLent`: it is valid until the next is asked for; else for as long as anybody has it. */
  | { kind: "span"; span: VerifiedSpan; isLent: boolean };

/** Something that was begun, and what to do when it was used. */
interface Underway {
  result: Promise<Ahead>;
  isLarge: boolean;
  release: () => Promise<void>;
}

/** Reads ahead over the parts of a response. Throws `source_changed`, and what giving the parts throws. */
export async function* readAhead(parts: Iterable<ResponsePart>, pool: BlockPool): AsyncGenerator<Ahead> {
  const steps = begin(parts, pool);
  const underway: Underway[] = [];
  try {
    for (let isMore = true;;) {
      while (isMore && underway.length < SMALL_AHEAD && countLarge(underway) <= LARGE_AHEAD) {
        const next = steps.next();
        if (next.done) isMore = false;
        else underway.push(next.value);
      }
      const [first] = underway;
      if (first === undefined) return;
      yield await first.result;
      underway.shift();
      await first.release();
    }
  } finally {
    steps.return();
    for (const { result, release } of underway) {
      // Its fault, if any, is no longer of interest: somebody else's was told, or nobody listens.
      await result.catch(() => {});
      await release();
    }
  }
}

function countLarge(underway: readonly Underway[]): number {
  return underway.filter((entry) => entry.isLarge).length;
}

function* begin(parts: Iterable<ResponsePart>, pool: BlockPool): Generator<Underway, void> {
  for (const part of parts) {
    const { blob, spec } = part;
    const selected = select(spec, chunkCount(blob.sizeBytes));
    const release = () => Promise.resolve();
    yield { result: Promise.resolve({ kind: "part", part, selected }), isLarge: false, release };
    const requests = spanRequests(blob.sizeBytes, selected);
    let request = requests.next();
    if (request.done) continue;
    const reader = blob.open();
    reader.catch(() => {});
    while (!request.done) {
      const next = requests.next();
      yield readSpan(reader, request.value, blob.sizeBytes, pool, next.done === true);
      request = next;
    }
  }
}

function readSpan(
  reader: Promise<BlobReader>,
  request: SpanRequest,
  sizeBytes: number,
  pool: BlockPool,
  isLast: boolean,
): Underway {
  const isLarge = spanRequestBytes(sizeBytes, request) > SMALL_BYTES;
  let memory: BlockMemory | undefined;
  const read = async (): Promise<Ahead> => {
    const open = await reader;
    if (isLarge) memory = await pool.take();
    return { kind: "span", span: await open.read(request, memory), isLent: isLarge };
  };
  const result = read();
  result.catch(() => {});
  return {
    result,
    isLarge,
    release: async () => {
      if (memory !== undefined) pool.give(memory);
      if (isLast) await (await reader.catch(() => null))?.close();
    },
  };
}
