// The spans that a response needs, read and verified ahead of the stream that they go to: while one is being
// sent, the next ones come from the disk, over the borders of files too. In order, bounded in bytes and count.
// Small files are read many together: one by one, each would cost a dozen turns of the event loop.

import { type SpanRequest, spanRequestBytes, spanRequests } from "../bao/encoder.ts";
import { chunkCount } from "../bao/geometry.ts";
import type { RangeSet } from "../bao/range_set.ts";
import type { VerifiedSpan } from "../bao/verified_span.ts";
import type { PliError } from "../errors.ts";
import type { Account } from "../store/fair_pool.ts";
import { FileBlob, SMALL_BYTES, type SmallWish } from "../store/file_blob.ts";
import type { BlobReader, SharedBlob } from "../store/shared_blob.ts";
import type { RangeSpec } from "../wire/range_spec.ts";

/** Spans of a pool's memory that are ready or being read, the one in use not counted. */
const LARGE_AHEAD = 2;
/** The same for small ones, and for batches of files. */
const SMALL_AHEAD = 4;
/** What is read of small files together, in memory of its own. */
const BATCH_FILES = 64;
const BATCH_BYTES = 256 * 1024;

/** One blob of a response. */
export interface ResponsePart {
  blob: SharedBlob;
  spec: RangeSpec;
}

/** What comes next of a response. */
export type Ahead =
  /** The beginning of a part. */
  | { kind: "part"; part: ResponsePart; selected: RangeSet }
  /** The next span of the part that began last. `isLent`: it is valid until the next is asked for. */
  | { kind: "span"; span: VerifiedSpan; isLent: boolean }
  | { kind: "small"; parts: readonly SmallPart[] };

/** A part that needs one span, or none, with that or what stands in its place. */
export interface SmallPart {
  part: ResponsePart;
  selected: RangeSet;
  span: VerifiedSpan | PliError | undefined;
}

/** Something that was begun, and what to do when it was used. */
interface Underway {
  result: Promise<Ahead>;
  isLarge: boolean;
  release: () => Promise<void>;
}

/**
 * Reads ahead over the parts of a response: of large spans none with `isSlow`, where one is sent for long and others
 * would only hold memory. Throws `source_changed`, and what giving the parts throws.
 */
export async function* readAhead(
  parts: Iterable<ResponsePart>,
  memory: Account,
  isSlow = false,
): AsyncGenerator<Ahead> {
  const largeAhead = isSlow ? 0 : LARGE_AHEAD;
  const steps = begin(parts, memory);
  const underway: Underway[] = [];
  try {
    for (let isMore = true;;) {
      while (isMore && underway.length < SMALL_AHEAD && countLarge(underway) <= largeAhead) {
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

function* begin(parts: Iterable<ResponsePart>, memory: Account): Generator<Underway, void> {
  let batch = new SmallBatch();
  for (const part of parts) {
    const { blob, spec } = part;
    const selected = spec.select(chunkCount(blob.sizeBytes));
    const isSmall = blob instanceof FileBlob && blob.sizeBytes <= SMALL_BYTES;
    if (batch.isFull || (!isSmall && !batch.isEmpty)) {
      yield batch.begin(memory);
      batch = new SmallBatch();
    }
    if (isSmall) {
      batch.add(part, blob, selected);
      continue;
    }
    const release = () => Promise.resolve();
    yield { result: Promise.resolve({ kind: "part", part, selected }), isLarge: false, release };
    const reading = new Reading(blob, memory);
    try {
      for (const request of spanRequests(blob.sizeBytes, selected)) yield reading.begin(request);
    } finally {
      // Also when the answer breaks off. The last span that is under way closes; a failing close says nothing.
      reading.leave().catch(() => {});
    }
  }
  if (!batch.isEmpty) yield batch.begin(memory);
}

/** Small files that are read together. */
class SmallBatch {
  readonly #parts: { part: ResponsePart; selected: RangeSet; wish: SmallWish | undefined }[] = [];
  #bytes = 0;

  get isEmpty(): boolean {
    return this.#parts.length === 0;
  }

  get isFull(): boolean {
    return this.#parts.length >= BATCH_FILES || this.#bytes + SMALL_BYTES > BATCH_BYTES;
  }

  add(part: ResponsePart, blob: FileBlob, selected: RangeSet): void {
    // At most one: it is of one block.
    const [request] = spanRequests(blob.sizeBytes, selected);
    this.#parts.push({ part, selected, wish: request === undefined ? undefined : { blob, request } });
    // Each is read whole, whatever is wanted of it.
    if (request !== undefined) this.#bytes += blob.sizeBytes;
  }

  begin(memory: Account): Underway {
    const bytes = this.#bytes;
    let isReserved = false;
    const read = async (): Promise<Ahead> => {
      await memory.reserve(bytes);
      isReserved = true;
      const spans = (await FileBlob.readSmall(this.#parts.flatMap(({ wish }) => wish ?? []))).values();
      const parts = this.#parts.map(({ part, selected, wish }) => {
        return { part, selected, span: wish === undefined ? undefined : spans.next().value };
      });
      return { kind: "small", parts };
    };
    const result = read();
    result.catch(() => {});
    const release = () => {
      if (isReserved) memory.release(bytes);
      return Promise.resolve();
    };
    return { result, isLarge: false, release };
  }
}

/** The reading of one blob: opened when there is memory for its first span, closed when nobody needs it. */
class Reading {
  readonly #blob: SharedBlob;
  readonly #memory: Account;
  #reader: Promise<BlobReader> | undefined;
  /** Spans under way, and whoever begins them. */
  #users = 1;

  constructor(blob: SharedBlob, memory: Account) {
    this.#blob = blob;
    this.#memory = memory;
  }

  begin(request: SpanRequest): Underway {
    this.#users++;
    const isLarge = spanRequestBytes(this.#blob.sizeBytes, request) > SMALL_BYTES;
    const { result, giveBack } = isLarge ? this.#intoBlock(request) : this.#intoOwn(request);
    result.catch(() => {});
    const release = async () => {
      giveBack();
      await this.leave();
    };
    return { result, isLarge, release };
  }

  /** One user less. To be called when what it began has an outcome. */
  async leave(): Promise<void> {
    if (--this.#users > 0) return;
    const reader = await this.#reader?.catch(() => undefined);
    await reader?.close();
  }

  #intoBlock(request: SpanRequest) {
    // Asked for here, in the order of the response: whoever holds something is never behind itself.
    const taking = this.#memory.take();
    let giveBack = () => {};
    const read = async (): Promise<Ahead> => {
      const block = await taking;
      giveBack = () => this.#memory.give(block);
      return { kind: "span", span: await (await this.#open()).read(request, block), isLent: true };
    };
    return { result: read(), giveBack: () => giveBack() };
  }

  #intoOwn(request: SpanRequest) {
    const reserving = this.#memory.reserve(SMALL_BYTES);
    let giveBack = () => {};
    const read = async (): Promise<Ahead> => {
      await reserving;
      giveBack = () => this.#memory.release(SMALL_BYTES);
      return { kind: "span", span: await (await this.#open()).read(request), isLent: false };
    };
    return { result: read(), giveBack: () => giveBack() };
  }

  #open(): Promise<BlobReader> {
    return this.#reader ??= this.#blob.open();
  }
}
