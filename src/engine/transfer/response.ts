// Answers one Get or GetMany: for every offset that is asked for, the blob's size and encoding, read and
// verified block by block, ahead of the stream.

import { encode } from "../bao/encoder.ts";
import type { RangeSet } from "../bao/range_set.ts";
import type { VerifiedSpan } from "../bao/verified_span.ts";
import { isPliError, PliError } from "../errors.ts";
import type { SpeedLimit } from "../options.ts";
import type { Account } from "../store/fair_pool.ts";
import type { SharedBlob } from "../store/shared_blob.ts";
import { LAST_CHUNK, type RangeSpec } from "../wire/range_spec.ts";
import type { Request } from "../wire/request.ts";
import { lengthOf, slices } from "./rate_limit.ts";
import { readAhead, type ResponsePart, type SmallPart } from "./read_ahead.ts";
import type { SharedCollection } from "./shared_collection.ts";
import type { StreamWriter } from "./stream_writer.ts";

/**
 * What a request asks of a collection, in order and lazily; throws `peer_refused` where it names what the
 * share does not have: an unknown hash, or children of anything but the root.
 *
 * @param isWanted passes over whole runs: a million files may be one
 */
export function* responseParts(
  request: Request,
  collection: SharedCollection,
  isWanted: (spec: RangeSpec) => boolean = () => true,
): Generator<ResponsePart> {
  const partsOf = function* (offsets: number, blobAt: (offset: number) => SharedBlob) {
    for (const { start, end, spec } of request.ranges.runs(offsets)) {
      if (!isWanted(spec)) continue;
      for (let offset = start; offset < end; offset++) yield { blob: blobAt(offset), spec };
    }
  };
  if (request.kind === "get_many") {
    const { hashes } = request;
    yield* partsOf(hashes.length, (i) => known(collection, hashes.at(i)));
    return;
  }
  const blob = known(collection, request.hash);
  if (blob !== collection.root && request.ranges.asksChildren) throw new PliError("peer_refused", {});
  const offsets = blob === collection.root ? collection.offsets : 1;
  yield* partsOf(offsets, (i) => i === 0 ? blob : collection.atOffset(i));
}

/** Whether a request takes file data: more than the root, the metadata and proofs of sizes. */
export function asksData(request: Request, collection: SharedCollection): boolean {
  const parts = responseParts(request, collection, (spec) => !spec.equals(LAST_CHUNK));
  for (const { blob } of parts) if (collection.isFile(blob)) return true;
  return false;
}

function known(collection: SharedCollection, hash: Uint8Array): SharedBlob {
  const blob = collection.withHash(hash);
  if (blob === undefined) throw new PliError("peer_refused", {});
  return blob;
}

/** What is told of a response while it is written. */
export interface ResponseEvents {
  /** Bytes of a blob's own have been handed to the stream. */
  onPayload(part: ResponsePart, bytes: number): void;
  /** All that was selected of a part has been handed to the stream. */
  onPart(part: ResponsePart, selected: RangeSet): void;
}

/** Where a response goes, and how fast. */
export interface ResponseWay {
  writer: StreamWriter;
  limit?: SpeedLimit;
  /** Ends the waits for the limit. */
  signal: AbortSignal;
}

/** Writes a whole response. Throws `source_changed`, `peer_refused`, and what the writer throws. */
export async function writeResponse(
  parts: Iterable<ResponsePart>,
  memory: Account,
  way: ResponseWay,
  events: ResponseEvents,
): Promise<void> {
  const { writer, limit } = way;
  let current: Encoding | undefined;
  for await (const ahead of readAhead(parts, memory, isLimited(limit))) {
    if (ahead.kind === "small") {
      await writeSmall(ahead.parts, way, events);
      continue;
    }
    if (ahead.kind === "part") current = new Encoding(ahead.part, ahead.selected, way, events);
    await current?.advance(ahead.kind === "span" ? ahead.span : undefined);
    // What was lent goes back to the pool when the next is asked for.
    if (ahead.kind === "span" && ahead.isLent) await writer.flush();
  }
  await writer.flush();
}

/** Writes parts that need no more than they have. */
async function writeSmall(parts: readonly SmallPart[], way: ResponseWay, events: ResponseEvents) {
  for (const { part, selected, span } of parts) {
    if (isPliError(span)) throw span;
    const encoding = new Encoding(part, selected, way, events);
    if (isLimited(way.limit)) {
      await encoding.advance(undefined);
      if (span !== undefined) await encoding.advance(span);
    } else if (encoding.gather(span)) await way.writer.flush();
  }
}

/** One part on its way: the loop that turns the encoder's crank, from one span to the next. */
class Encoding {
  readonly #steps: ReturnType<typeof encode>;

  constructor(
    readonly part: ResponsePart,
    readonly selected: RangeSet,
    readonly way: ResponseWay,
    readonly events: ResponseEvents,
  ) {
    const { sizeBytes, blocks } = part.blob;
    this.#steps = encode(sizeBytes, blocks, selected);
  }

  /** Writes what follows from a span, or what stands before the first one. */
  async advance(span: VerifiedSpan | undefined): Promise<void> {
    for (let step = this.#steps.next(span); !step.done; step = this.#steps.next()) {
      if ("read" in step.value) return;
      const { send, payloadBytes } = step.value;
      if (isLimited(this.way.limit)) {
        await this.#sendSlowly(send, payloadBytes, this.way.limit);
        continue;
      }
      await this.way.writer.write(send);
      if (payloadBytes > 0) this.events.onPayload(this.part, payloadBytes);
    }
    this.events.onPart(this.part, this.selected);
  }

  /** Gathers all of a part that needs no other span. Returns whether it is time to flush. */
  gather(span: VerifiedSpan | undefined): boolean {
    let isFull = false;
    for (let step = this.#steps.next(); !step.done; step = this.#steps.next(span)) {
      if ("read" in step.value) continue;
      isFull = this.way.writer.gather(step.value.send);
      if (step.value.payloadBytes > 0) this.events.onPayload(this.part, step.value.payloadBytes);
    }
    this.events.onPart(this.part, this.selected);
    return isFull;
  }

  /** Sends parts piece by piece, each when the limit says so. A block may take many seconds: each piece is told. */
  async #sendSlowly(parts: readonly Uint8Array[], payloadBytes: number, limit: SpeedLimit): Promise<void> {
    const { writer, signal } = this.way;
    const allBytes = lengthOf(parts);
    let [sentBytes, toldBytes] = [0, 0];
    for (const piece of slices(parts, limit.pieceBytes)) {
      const pieceBytes = lengthOf(piece);
      const waitMs = limit.take(pieceBytes, writer.clock.nowMs());
      if (waitMs > 0) {
        await writer.flush();
        await writer.clock.sleep(waitMs, signal);
      }
      await writer.write(piece);
      sentBytes += pieceBytes;
      const newBytes = Math.floor(payloadBytes * sentBytes / allBytes) - toldBytes;
      if (newBytes > 0) this.events.onPayload(this.part, newBytes);
      toldBytes += newBytes;
    }
  }
}

function isLimited(limit: SpeedLimit | undefined): limit is SpeedLimit {
  return limit !== undefined && limit.bytesPerSecond !== null;
}
