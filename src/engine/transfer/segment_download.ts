// Fetches one segment on one stream: verifies what comes, block by block or small file by small file, and hands it
// on while the next is on its way.

import { orAborted } from "../abort.ts";
import type { BlockPair } from "../bao/block_proofs.ts";
import { BlobDecoder } from "../bao/decoder.ts";
import { BLOCK_BYTES, BLOCK_CHUNKS } from "../bao/geometry.ts";
import type { Parent } from "../bao/plan.ts";
import { interleaved } from "../bao/subtree.ts";
import { PliError } from "../errors.ts";
import type { SpeedLimit } from "../options.ts";
import type { Hasher } from "../ports.ts";
import type { BlockPool } from "../store/block_pool.ts";
import { Backlog } from "../store/bounded.ts";
import { isWhole, type Piece, pieceBytes } from "../store/pieces.ts";
import type { Listed } from "../listed.ts";
import type { RemoteFile } from "./remote_files.ts";
import { openRequest, type Provision } from "./open_request.ts";
import { lengthOf, slices } from "./rate_limit.ts";
import { rangesOf, type Segment, specOf } from "./segments.ts";
import type { StreamReader } from "./stream_reader.ts";

/** Whole files of at most this many bytes are handed on many at a time. */
const SMALL_BYTES = 64 * 1024;
/** Files that are handed on together at most. */
export const BATCH_FILES = 256;
const BATCH_BYTES = 1024 * 1024;
/** What is being written of a stream while the next comes: blocks, or batches of files. */
export const WRITES_BEHIND = 2;

/** Where verified bytes go, by a file's index in the list. What is given must not change until it resolves. */
export interface Sink {
  /** A verified pair above blocks of a file: whoever keeps it can tell later what is right of the file. */
  prove(index: number, pair: BlockPair): void;
  /** A part of a file, in any order, and others at the same time. */
  write(index: number, offsetBytes: number, bytes: Uint8Array): Promise<void>;
  /** All of a file has been written. */
  finish(index: number): Promise<void>;
  /** Whole files, which are finished with it. */
  writeWhole(files: readonly WholeFile[]): Promise<void>;
}

export interface WholeFile {
  index: number;
  bytes: Uint8Array;
}

export interface DownloadContext extends Provision {
  hasher: Hasher;
  rootHash: Uint8Array;
  files: Listed<RemoteFile>;
  sink: Sink;
  pool: BlockPool;
  /** Chunks that are verified at a time: 16 to 1,024. */
  leafChunks: number;
  limit?: SpeedLimit;
  /** Verified bytes have come. */
  onArrived(bytes: number): void;
  /** Bytes of a file that comes in pieces have been written. */
  onWritten(index: number, bytes: number): Promise<void>;
  /** Gives up waiting for the stream. */
  signal: AbortSignal;
}

export class SegmentDownload {
  readonly #segment: Segment;
  readonly #context: DownloadContext;
  readonly #writes = new Backlog(WRITES_BEHIND);
  #batch: WholeFile[] = [];
  #batchBytes = 0;
  #stream: StreamReader | null = null;
  /** The piece that is on its way, by its place in the segment. */
  #at = 0;
  /** Bytes of that which have been given to the sink. */
  #givenBytes = 0;

  constructor(segment: Segment, context: DownloadContext) {
    this.#segment = segment;
    this.#context = context;
  }

  /** The file that is on its way. */
  get name(): string {
    const { index } = this.#segment[Math.min(this.#at, this.#segment.length - 1)];
    return this.#context.files.at(index)!.name;
  }

  /**
   * After a run that failed by the provider's or the network's fault: what did not come, in whole blocks, and
   * how many bytes of it have been written all the same.
   */
  get rest(): { pieces: readonly Piece[]; repeatedBytes: number } {
    const [current, ...others] = this.#segment.slice(this.#at);
    if (current === undefined) return { pieces: [], repeatedBytes: 0 };
    const isGiven = this.#givenBytes === pieceBytes(current, this.#context.files);
    if (isGiven) return { pieces: others, repeatedBytes: 0 };
    const firstBlock = current.firstBlock + Math.floor(this.#givenBytes / BLOCK_BYTES);
    const pieces = [{ ...current, firstBlock }, ...others];
    return { pieces, repeatedBytes: this.#givenBytes % BLOCK_BYTES };
  }

  /** How many bytes of its stream ever came, verified or not. */
  get receivedBytes(): number {
    return this.#stream?.receivedBytes ?? 0;
  }

  /** Whether less is left of it than there was. */
  get hasMoved(): boolean {
    return this.#at > 0 || this.#givenBytes >= BLOCK_BYTES;
  }

  /**
   * Throws `wrong_bytes`, `source_lost`, `connection_lost`, what the sink throws, and `peer_refused` before
   * anything has come. When it is over, nothing is being written any more.
   */
  async run(): Promise<void> {
    const { files, rootHash } = this.#context;
    try {
      const request = { kind: "get", hash: rootHash, ranges: rangesOf(this.#segment, files) } as const;
      const response = await openRequest(this.#context, request);
      this.#stream = response.stream;
      for (const piece of this.#segment) {
        const file = files.at(piece.index)!;
        const isSmall = isWhole(piece, files) && file.sizeBytes <= SMALL_BYTES;
        await response.inside(file.name, async (stream) => {
          if (isSmall) await this.#takeSmall(stream, piece);
          else await this.#takeLarge(stream, piece);
        });
        this.#at++;
        this.#givenBytes = 0;
      }
      await this.#writeBatch();
      await response.end();
    } finally {
      // What has come is kept, whatever happened to the stream.
      await this.#writeBatch();
      await this.#writes.drain();
    }
  }

  async #takeSmall(stream: StreamReader, piece: Piece): Promise<void> {
    const { index } = piece;
    const bytes = new Uint8Array(this.#context.files.at(index)!.sizeBytes);
    const decoder = this.#decoder(piece);
    while (await this.#untilLeaf(stream, decoder, index)) {
      // A small file is one leaf, or was claimed to be what it is not.
      const pairs = new Uint8Array(decoder.needPairsBytes);
      await this.#fill(stream, interleaved(bytes, pairs), bytes.length + pairs.length);
      decoder.accept(bytes, pairs);
    }
    this.#context.onArrived(bytes.length);
    this.#batch.push({ index, bytes });
    this.#batchBytes += bytes.length;
    if (this.#batch.length >= BATCH_FILES || this.#batchBytes >= BATCH_BYTES) await this.#writeBatch();
  }

  async #takeLarge(stream: StreamReader, piece: Piece): Promise<void> {
    const decoder = this.#decoder(piece);
    while (await this.#untilLeaf(stream, decoder, piece.index)) await this.#takeLeaf(stream, decoder, piece);
  }

  /** Reads a leaf into memory of the pool, which goes back when it has been written. */
  async #takeLeaf(stream: StreamReader, decoder: BlobDecoder, { index }: Piece): Promise<void> {
    const { pool, sink, onArrived, onWritten } = this.#context;
    const { needBytes, needPairsBytes } = decoder;
    const memory = await pool.take();
    let write: (() => Promise<void>) | undefined;
    try {
      await this.#fill(stream, memory.parts(needBytes), needBytes + needPairsBytes);
      const content = memory.content.subarray(0, needBytes);
      const decoded = decoder.accept(content, memory.pairs.subarray(0, needPairsBytes));
      if (decoded.kind !== "leaf") throw new PliError("internal", { what: "a leaf that is none" });
      write = async () => {
        try {
          await sink.write(index, decoded.offsetBytes, content);
          await onWritten(index, content.length);
        } finally {
          pool.give(memory);
        }
      };
    } finally {
      if (write === undefined) pool.give(memory);
    }
    onArrived(needBytes);
    try {
      await this.#writes.add(write);
      this.#givenBytes += needBytes;
    } catch (error) {
      // An earlier write has failed, and this one was not begun.
      pool.give(memory);
      throw error;
    }
  }

  /** Reads the size and parents that come next; false when nothing comes after them. */
  async #untilLeaf(stream: StreamReader, decoder: BlobDecoder, index: number): Promise<boolean> {
    const { files, sink, signal } = this.#context;
    const { hash, sizeBytes } = files.at(index)!;
    for (let kind = decoder.nextKind; kind !== "leaf"; kind = decoder.nextKind) {
      if (kind === null) return false;
      const count = decoder.needBytes;
      const bytes = stream.has(count) ? stream.takeNow(count) : await orAborted(stream.take(count), signal);
      const decoded = decoder.accept(bytes);
      if (decoded.kind === "size" && decoded.sizeBytes !== sizeBytes) {
        throw new PliError("wrong_bytes", { hash: hash.toHex(), chunk: 0 });
      }
      if (decoded.kind === "parent" && isAboveBlocks(decoded.parent)) {
        sink.prove(index, blockPair(decoded.parent, decoded.left, decoded.right));
      }
    }
    return true;
  }

  /** Reads when a limit says so: what is not asked for is held back by QUIC, and no stall to anybody. */
  async #fill(stream: StreamReader, into: readonly Uint8Array[], count: number): Promise<void> {
    const { limit, clock, signal } = this.#context;
    const pieceBytes = limit?.pieceBytes ?? Infinity;
    if (limit === undefined || pieceBytes === Infinity) {
      if (stream.has(count)) return stream.fillNow(into, count);
      return await orAborted(stream.fill(into, count), signal);
    }
    for (const piece of slices(into, pieceBytes)) {
      const bytes = lengthOf(piece);
      const waitMs = limit.take(bytes, clock.nowMs());
      if (waitMs > 0) await clock.sleep(waitMs, signal);
      await orAborted(stream.fill(piece, bytes), signal);
    }
  }

  #decoder(piece: Piece): BlobDecoder {
    const { hasher, files, leafChunks } = this.#context;
    const { hash } = files.at(piece.index)!;
    const spec = specOf(piece, files);
    return new BlobDecoder({
      hasher,
      hash,
      select: (chunks) => spec.select(chunks),
      maximumBytes: Number.MAX_SAFE_INTEGER,
      leafChunks,
    });
  }

  async #writeBatch(): Promise<void> {
    const batch = this.#batch;
    if (batch.length === 0) return;
    this.#batch = [];
    this.#batchBytes = 0;
    await this.#writes.add(() => this.#context.sink.writeWhole(batch));
  }
}

function isAboveBlocks({ start, end }: Parent): boolean {
  return end - start > BLOCK_CHUNKS;
}

function blockPair({ start, end }: Parent, left: Uint8Array, right: Uint8Array): BlockPair {
  return { firstBlock: start / BLOCK_CHUNKS, endBlock: Math.ceil(end / BLOCK_CHUNKS), left, right };
}
