// The spans that a response needs, read and verified ahead of the stream that they go to: while one is being
// sent, the next ones come from the disk, over the borders of files too. In order, bounded in bytes and count.

import { type SpanRequest, spanRequestBytes, spanRequests } from "../bao/encoder.ts";
import { chunkCount } from "../bao/geometry.ts";
import type { RangeSet } from "../bao/range_set.ts";
import type { VerifiedSpan } from "../bao/verified_span.ts";
import type { Account } from "../store/fair_pool.ts";
import type { BlobReader, SharedBlob } from "../store/shared_blob.ts";
import { type RangeSpec, select } from "../wire/range_spec.ts";

/** Spans of a pool's memory that are ready or being read, the one in use not counted. */
const LARGE_AHEAD = 2;
/** The same for small ones: they cost a file's opening each, and hardly any memory. */
const SMALL_AHEAD = 16;
/** Spans of at most this many bytes get memory of their own, for which this is reserved. */
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
export async function* readAhead(parts: Iterable<ResponsePart>, memory: Account): AsyncGenerator<Ahead> {
  const steps = begin(parts, memory);
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

function* begin(parts: Iterable<ResponsePart>, memory: Account): Generator<Underway, void> {
  for (const part of parts) {
    const { blob, spec } = part;
    const selected = select(spec, chunkCount(blob.sizeBytes));
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
