// Reads and verifies the spans of a response ahead of its stream, in order and across the borders of files: while one
// span is sent, the next ones are read. Bounded in bytes and count. Small files are read in batches, because each
// alone would cost a dozen turns of the event loop.

import { type PlannedSpan, planSpans, type SpanRequest, spanRequestBytes } from "../../bao/encoder.ts";
import { chunkCount } from "../../bao/geometry.ts";
import type { RangeSet } from "../../bao/range_set.ts";
import type { VerifiedSpan } from "../../bao/verified_span.ts";
import type { PliError } from "../../errors.ts";
import type { BudgetClient } from "./byte_budget.ts";
import { FileBlob, SMALL_BYTES, type SmallRead } from "../../store/file_blob.ts";
import type { BlobReader, SharedBlob } from "../../store/shared_blob.ts";
import type { RangeSpec } from "../../wire/range_spec.ts";

/** Number of large spans, in memory of the pool, that are ready or being read, without the one in use. */
const LARGE_AHEAD = 2;
/** The same for small spans and for batches of files. */
const SMALL_AHEAD = 4;
/** Maximum number of small files that are read together. */
const BATCH_FILES = 64;
const BATCH_BYTES = 256 * 1024;

/** One blob of a response. */
export interface ResponsePart {
  blob: SharedBlob;
  spec: RangeSpec;
}

/** The next item of a response. */
export type Ahead =
  /** The beginning of a part. `isEmpty`: it has no span. */
  | { kind: "part"; part: ResponsePart; selected: RangeSet; isEmpty: boolean }
  /** The next span of the last part. `isLent`: it is valid until the next item is requested. */
  | { kind: "span"; planned: PlannedSpan; span: VerifiedSpan; isLent: boolean }
  | { kind: "small"; parts: readonly SmallPart[] };

/** A part that needs at most one span, with that span. */
export interface SmallPart {
  part: ResponsePart;
  selected: RangeSet;
  planned: PlannedSpan | undefined;
  span: VerifiedSpan | PliError | undefined;
}

/** A pending item, and the release of it after use. */
interface PendingItem {
  result: Promise<Ahead>;
  isLarge: boolean;
  release: () => Promise<void>;
}

/**
 * Reads ahead over the parts of a response. With `isSlow` no large span is read ahead, because sending one takes long
 * and the others would only occupy memory. Throws `source_changed`, and what iterating the parts throws.
 */
export async function* readAhead(
  parts: Iterable<ResponsePart>,
  memory: BudgetClient,
  isSlow = false,
): AsyncGenerator<Ahead> {
  const largeAhead = isSlow ? 0 : LARGE_AHEAD;
  const steps = begin(parts, memory);
  const pending: PendingItem[] = [];
  try {
    for (let isMore = true;;) {
      while (isMore && pending.length < SMALL_AHEAD && countLarge(pending) <= largeAhead) {
        const next = steps.next();
        if (next.done) isMore = false;
        else pending.push(next.value);
      }
      const [first] = pending;
      if (first === undefined) return;
      yield await first.result;
      pending.shift();
      await first.release();
    }
  } finally {
    steps.return();
    for (const { result, release } of pending) {
      // Its error is ignored, because another one was thrown or the answer was cancelled.
      await result.catch(() => {});
      await release();
    }
  }
}

function countLarge(pending: readonly PendingItem[]): number {
  return pending.filter((entry) => entry.isLarge).length;
}

function* begin(parts: Iterable<ResponsePart>, memory: BudgetClient): Generator<PendingItem, void> {
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
    const spans = planSpans(blob.sizeBytes, selected);
    let next = spans.next();
    const release = () => Promise.resolve();
    const ahead: Ahead = { kind: "part", part, selected, isEmpty: next.done === true };
    yield { result: Promise.resolve(ahead), isLarge: false, release };
    const reading = new Reading(blob, memory);
    try {
      for (; !next.done; next = spans.next()) yield reading.begin(next.value);
    } finally {
      // Also when the answer is broken off. The last user closes; an error of closing is ignored.
      reading.leave().catch(() => {});
    }
  }
  if (!batch.isEmpty) yield batch.begin(memory);
}

/** Small files that are read together. */
class SmallBatch {
  readonly #parts: (Omit<SmallPart, "span"> & { read: SmallRead | undefined })[] = [];
  #bytes = 0;

  get isEmpty(): boolean {
    return this.#parts.length === 0;
  }

  get isFull(): boolean {
    return this.#parts.length >= BATCH_FILES || this.#bytes + SMALL_BYTES > BATCH_BYTES;
  }

  add(part: ResponsePart, blob: FileBlob, selected: RangeSet): void {
    // At most one span, because the file is at most one block.
    const [planned] = planSpans(blob.sizeBytes, selected);
    const read = planned && { blob, request: planned.request };
    this.#parts.push({ part, selected, planned, read });
    // The file is read whole, whatever is selected of it.
    if (planned !== undefined) this.#bytes += blob.sizeBytes;
  }

  begin(memory: BudgetClient): PendingItem {
    const bytes = this.#bytes;
    let isReserved = false;
    const read = async (): Promise<Ahead> => {
      await memory.reserve(bytes);
      isReserved = true;
      const spans = (await FileBlob.readSmall(this.#parts.flatMap(({ read }) => read ?? []))).values();
      const parts = this.#parts.map(({ part, selected, planned, read }) => {
        return { part, selected, planned, span: read === undefined ? undefined : spans.next().value };
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

/** The reading of one blob: opened when there is memory for its first span, closed after its last use. */
class Reading {
  readonly #blob: SharedBlob;
  readonly #memory: BudgetClient;
  #reader: Promise<BlobReader> | undefined;
  /** Spans in progress, and the loop that begins them. */
  #users = 1;

  constructor(blob: SharedBlob, memory: BudgetClient) {
    this.#blob = blob;
    this.#memory = memory;
  }

  begin(planned: PlannedSpan): PendingItem {
    this.#users++;
    const { request } = planned;
    const isLarge = spanRequestBytes(this.#blob.sizeBytes, request) > SMALL_BYTES;
    const { span, giveBack } = isLarge ? this.#intoBlock(request) : this.#intoOwn(request);
    const result = span.then((span): Ahead => ({ kind: "span", planned, span, isLent: isLarge }));
    result.catch(() => {});
    const release = async () => {
      giveBack();
      await this.leave();
    };
    return { result, isLarge, release };
  }

  /** Removes a user. Called when what it began has an outcome. */
  async leave(): Promise<void> {
    if (--this.#users > 0) return;
    const reader = await this.#reader?.catch(() => undefined);
    // What was read is verified, so an error of closing is ignored and must not prevent other releases.
    await reader?.close().catch(() => undefined);
  }

  #intoBlock(request: SpanRequest) {
    // Reserved in the order of the response, so a span that holds memory never waits for a later one.
    const taking = this.#memory.take();
    let giveBack = () => {};
    const read = async (): Promise<VerifiedSpan> => {
      const block = await taking;
      giveBack = () => this.#memory.give(block);
      return await (await this.#open()).read(request, block);
    };
    return { span: read(), giveBack: () => giveBack() };
  }

  #intoOwn(request: SpanRequest) {
    const reserving = this.#memory.reserve(SMALL_BYTES);
    let giveBack = () => {};
    const read = async (): Promise<VerifiedSpan> => {
      await reserving;
      giveBack = () => this.#memory.release(SMALL_BYTES);
      return await (await this.#open()).read(request);
    };
    return { span: read(), giveBack: () => giveBack() };
  }

  #open(): Promise<BlobReader> {
    return this.#reader ??= this.#blob.open();
  }
}
