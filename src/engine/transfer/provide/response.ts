// Answers one Get or GetMany: for every requested offset, the blob's size and encoding, read and verified block by
// block ahead of the stream.

import { type EncodedNode, encodeNodes, encodeSize, type PlannedSpan } from "../../bao/encoder.ts";
import type { RangeSet } from "../../bao/range_set.ts";
import type { VerifiedSpan } from "../../bao/verified_span.ts";
import { isPliError, PliError } from "../../errors.ts";
import type { SpeedLimit } from "../../options.ts";
import type { BudgetClient } from "./byte_budget.ts";
import type { SharedBlob } from "../../store/shared_blob.ts";
import { LAST_CHUNK, type RangeSpec } from "../../wire/range_spec.ts";
import type { Request } from "../../wire/request.ts";
import { lengthOf, slices } from "../rate_limit.ts";
import { readAhead, type ResponsePart, type SmallPart } from "./read_ahead.ts";
import type { SharedCollection } from "./shared_collection.ts";
import type { StreamWriter } from "../stream_writer.ts";

/**
 * The parts that a request selects of a collection, in order and lazily. Throws `peer_refused` if it names what the
 * share does not have: an unknown hash, or children of a blob that is not the root.
 *
 * @param isWanted skips whole runs, of which one may cover a million files
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

/** Whether a request selects file data: more than the root, the metadata and proofs of sizes. */
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

/** Callbacks while a response is written. */
export interface ResponseEvents {
  /** Bytes of a blob's content were handed to the stream. */
  onPayload(part: ResponsePart, bytes: number): void;
  /** All that was selected of a part was handed to the stream. */
  onPart(part: ResponsePart, selected: RangeSet): void;
}

/** The stream of a response, and its rate limit. */
export interface ResponseOutput {
  writer: StreamWriter;
  limit?: SpeedLimit;
  /** Ends the waits for the limit. */
  signal: AbortSignal;
}

/** Writes a whole response. Throws `source_changed`, `peer_refused`, and what the writer throws. */
export async function writeResponse(
  parts: Iterable<ResponsePart>,
  memory: BudgetClient,
  output: ResponseOutput,
  events: ResponseEvents,
): Promise<void> {
  const { writer, limit } = output;
  let current: Encoding | undefined;
  for await (const ahead of readAhead(parts, memory, isLimited(limit))) {
    if (ahead.kind === "small") {
      await writeSmall(ahead.parts, output, events);
      continue;
    }
    if (ahead.kind === "part") {
      current = new Encoding(ahead.part, ahead.selected, output, events);
      await current.begin(ahead.isEmpty);
      continue;
    }
    await current?.write(ahead.planned, ahead.span);
    // A lent span returns to the budget when the next one is requested.
    if (ahead.isLent) await writer.flush();
  }
  await writer.flush();
}

/** Writes parts of at most one span. */
async function writeSmall(parts: readonly SmallPart[], output: ResponseOutput, events: ResponseEvents) {
  for (const { part, selected, planned, span } of parts) {
    if (isPliError(span)) throw span;
    const encoding = new Encoding(part, selected, output, events);
    if (isLimited(output.limit)) {
      await encoding.begin(planned === undefined);
      if (planned !== undefined) await encoding.write(planned, span!);
    } else if (encoding.gather(planned, span)) await output.writer.flush();
  }
}

/** The encoding of one part, span by span. */
class Encoding {
  constructor(
    readonly part: ResponsePart,
    readonly selected: RangeSet,
    readonly output: ResponseOutput,
    readonly events: ResponseEvents,
  ) {}

  /** Writes what precedes the first span. */
  async begin(isEmpty: boolean): Promise<void> {
    await this.#send(encodeSize(this.part.blob.sizeBytes));
    if (isEmpty) this.events.onPart(this.part, this.selected);
  }

  /** Writes the nodes of a span. */
  async write({ nodes, isLast }: PlannedSpan, span: VerifiedSpan): Promise<void> {
    const { sizeBytes, blocks } = this.part.blob;
    for (const node of encodeNodes(sizeBytes, blocks, nodes, span)) await this.#send(node);
    if (isLast) this.events.onPart(this.part, this.selected);
  }

  /** Gathers a part of at most one span. Returns whether it is time to flush. */
  gather(planned: PlannedSpan | undefined, span: VerifiedSpan | undefined): boolean {
    const { writer } = this.output;
    const { sizeBytes, blocks } = this.part.blob;
    let isFull = writer.gather(encodeSize(sizeBytes).send);
    if (planned !== undefined) {
      for (const { send, payloadBytes } of encodeNodes(sizeBytes, blocks, planned.nodes, span!)) {
        isFull = writer.gather(send);
        if (payloadBytes > 0) this.events.onPayload(this.part, payloadBytes);
      }
    }
    this.events.onPart(this.part, this.selected);
    return isFull;
  }

  async #send({ send, payloadBytes }: EncodedNode): Promise<void> {
    const { writer, limit } = this.output;
    if (isLimited(limit)) return await this.#sendSlowly(send, payloadBytes, limit);
    await writer.write(send);
    if (payloadBytes > 0) this.events.onPayload(this.part, payloadBytes);
  }

  /** Sends parts in pieces, each when the limit permits. A block may take many seconds, so each piece is reported. */
  async #sendSlowly(parts: readonly Uint8Array[], payloadBytes: number, limit: SpeedLimit): Promise<void> {
    const { writer, signal } = this.output;
    const allBytes = lengthOf(parts);
    let [sentBytes, reportedBytes] = [0, 0];
    for (const piece of slices(parts, limit.pieceBytes)) {
      const pieceBytes = lengthOf(piece);
      const waitMs = limit.take(pieceBytes, writer.clock.nowMs());
      if (waitMs > 0) {
        await writer.flush();
        await writer.clock.sleep(waitMs, signal);
      }
      await writer.write(piece);
      sentBytes += pieceBytes;
      const newBytes = Math.floor(payloadBytes * sentBytes / allBytes) - reportedBytes;
      if (newBytes > 0) this.events.onPayload(this.part, newBytes);
      reportedBytes += newBytes;
    }
  }
}

function isLimited(limit: SpeedLimit | undefined): limit is SpeedLimit {
  return limit !== undefined && limit.bytesPerSecond !== null;
}
