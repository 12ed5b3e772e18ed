// Fetches one segment on one stream: verifies it block by block or small file by small file, and writes each while the
// next one arrives.

import { hexOf } from "../../hex.ts";
import { orAborted } from "../../abort.ts";
import type { BlockPair } from "../../bao/block_proofs.ts";
import { BlobDecoder } from "../../bao/decoder.ts";
import { BLOCK_BYTES, BLOCK_CHUNKS } from "../../bao/geometry.ts";
import type { Parent } from "../../bao/plan.ts";
import { interleaved } from "../../bao/subtree.ts";
import { PliError } from "../../errors.ts";
import { eachInTurn } from "../../settled.ts";
import type { SpeedLimit } from "../../options.ts";
import type { Hasher } from "../../ports.ts";
import type { BlockPool } from "../../store/block_pool.ts";
import { Backlog } from "../../store/bounded.ts";
import { isWhole, type Piece, pieceBytes } from "../../store/pieces.ts";
import type { Listed } from "../../listed.ts";
import type { RemoteFile } from "./remote_files.ts";
import { openRequest, type ProviderConnection } from "./open_request.ts";
import { lengthOf, slices } from "../rate_limit.ts";
import { rangesOf, type Segment, specOf } from "./segments.ts";
import type { StreamReader } from "../stream_reader.ts";

/** Whole files up to this size are written in batches. */
const SMALL_BYTES = 64 * 1024;
/** Maximum number of files in a batch. */
export const BATCH_FILES = 256;
const BATCH_BYTES = 1024 * 1024;
/** Maximum number of writes, of blocks or batches of files, in progress of one stream. */
export const WRITES_BEHIND = 2;

/** Destination of verified bytes, by a file's index in the list. Arguments must not change until the call resolves. */
export interface Sink {
  /** Takes a verified hash pair above blocks of a file. A stored pair can later verify parts of the file. */
  prove(index: number, pair: BlockPair): void;
  /** Writes a part of a file. Parts come in any order and concurrently. */
  write(index: number, offsetBytes: number, bytes: Uint8Array): Promise<void>;
  /** All of a file has been written. */
  finish(index: number): Promise<void>;
  /** Writes whole files, which are finished with that. */
  writeWhole(files: readonly WholeFile[]): Promise<void>;
}

export interface WholeFile {
  index: number;
  bytes: Uint8Array;
}

export interface DownloadContext extends ProviderConnection {
  hasher: Hasher;
  rootHash: Uint8Array;
  files: Listed<RemoteFile>;
  sink: Sink;
  pool: BlockPool;
  /** Chunks that are verified at a time: 16 to 1,024. */
  leafChunks: number;
  limit?: SpeedLimit;
  /** Verified bytes have arrived. */
  onArrived(bytes: number): void;
  /** Bytes of a file that arrives in pieces have been written. */
  onWritten(index: number, bytes: number): Promise<void>;
  /** Cancels the wait for the stream. */
  signal: AbortSignal;
}

export class SegmentDownload {
  readonly #segment: Segment;
  readonly #context: DownloadContext;
  readonly #writes = new Backlog(WRITES_BEHIND);
  #batch: WholeFile[] = [];
  #batchBytes = 0;
  #stream: StreamReader | null = null;
  /** Index, in the segment, of the piece in progress. */
  #at = 0;
  /** Bytes of that piece that were passed to the sink. */
  #givenBytes = 0;

  constructor(segment: Segment, context: DownloadContext) {
    this.#segment = segment;
    this.#context = context;
  }

  /** The name of the file in progress. */
  get name(): string {
    const { index } = this.#segment[Math.min(this.#at, this.#segment.length - 1)];
    return this.#context.files.at(index)!.name;
  }

  /**
   * After a run that failed by a fault of the provider or the network: the pieces that did not arrive, in whole
   * blocks, and how many bytes of them were written all the same.
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

  /** Bytes received on its stream, verified or not. */
  get receivedBytes(): number {
    return this.#stream?.receivedBytes ?? 0;
  }

  /** Whether any of its pieces has arrived. */
  get hasMoved(): boolean {
    return this.#at > 0 || this.#givenBytes >= BLOCK_BYTES;
  }

  /**
   * Runs the download. Throws `wrong_bytes`, `source_lost`, `connection_lost`, what the sink throws, and
   * `peer_refused` before the first byte. No write is in progress when it resolves or rejects.
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
      // What has arrived is kept, also after a failure of the stream.
      await eachInTurn([() => this.#writeBatch(), () => this.#writes.drain()]);
    }
  }

  async #takeSmall(stream: StreamReader, piece: Piece): Promise<void> {
    const { index } = piece;
    const bytes = new Uint8Array(this.#context.files.at(index)!.sizeBytes);
    const decoder = this.#decoder(piece);
    while (await this.#untilLeaf(stream, decoder, index)) {
      // A small file is one leaf. A larger one was claimed to be small.
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

  /** Reads a leaf into memory of the pool, which is returned after the write. */
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

  /** Reads the next size and parents; false if no leaf follows them. */
  async #untilLeaf(stream: StreamReader, decoder: BlobDecoder, index: number): Promise<boolean> {
    const { files, sink, signal } = this.#context;
    const { hash, sizeBytes } = files.at(index)!;
    for (let kind = decoder.nextKind; kind !== "leaf"; kind = decoder.nextKind) {
      if (kind === null) return false;
      const count = decoder.needBytes;
      const bytes = stream.has(count) ? stream.takeNow(count) : await orAborted(stream.take(count), signal);
      const decoded = decoder.accept(bytes);
      if (decoded.kind === "size" && decoded.sizeBytes !== sizeBytes) {
        throw new PliError("wrong_bytes", { hash: hexOf(hash), chunk: 0 });
      }
      if (decoded.kind === "parent" && isAboveBlocks(decoded.parent)) {
        sink.prove(index, blockPair(decoded.parent, decoded.left, decoded.right));
      }
    }
    return true;
  }

  /** Reads when the limit permits. QUIC's flow control stops the provider meanwhile, which is not a stall. */
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
