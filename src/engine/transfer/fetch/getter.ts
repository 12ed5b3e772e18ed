// Fetches the content of files over several streams of one connection, and passes each verified piece on. The missing
// pieces are a queue of segments, of which each stream takes one at a time. The number of streams follows the measured
// throughput (stream_count.ts) and the provider's limit.

import { deferred } from "../../deferred.ts";
import { BLOCK_CHUNKS } from "../../bao/geometry.ts";
import { isPliError } from "../../errors.ts";
import { BlockPool } from "../../store/block_pool.ts";
import { batches } from "../../store/bounded.ts";
import type { Piece } from "../../store/pieces.ts";
import { whileAnswering } from "./heartbeat.ts";
import { classifyRefusal } from "./open_request.ts";
import { BATCH_FILES, type DownloadContext, SegmentDownload, WRITES_BEHIND } from "./segment_download.ts";
import type { Remaining } from "./remaining.ts";
import { MAXIMUM_FILES, type Segment } from "./segments.ts";
import { watchStalls } from "../stall_watch.ts";
import { MAXIMUM_STREAMS, StreamCount } from "./stream_count.ts";

/**
 * A segment is sized to arrive in about this time, within the two bounds below. Between two segments a stream is idle
 * for a round trip.
 */
const SEGMENT_MS = 1_000;
const SEGMENT_SMALLEST_BYTES = 4 * 1024 * 1024;
const SEGMENT_LARGEST_BYTES = 256 * 1024 * 1024;
/** At this rate and above, whole blocks are verified at once. Below it, smaller leaves make progress visible. */
const WHOLE_BLOCKS_BYTES_PER_MS = 4_000;
/** At least the size of a file that is passed on whole, because that is one leaf. */
const SMALL_LEAF_CHUNKS = 64;
/**
 * Under a rate limit there are only as many streams as have this rate each. A receiver extends the stream window by an
 * eighth, 256 KiB, at a time, so a slower stream would seem stalled to the provider.
 */
const LIMITED_STREAM_BYTES_PER_SECOND = 256 * 1024;
/** Wait of a stream when the provider is busy. */
const BUSY_MS = 200;

export interface GetterOptions
  extends Pick<DownloadContext, "connection" | "clock" | "hasher" | "rootHash" | "files" | "sink" | "limit"> {
  /** The pieces to fetch. After a failure it has those that are left for the next connection. */
  remaining: Remaining;
  /** Whether the bytes of a file must arrive in order. */
  isOrdered?: boolean;
  /** Called with the index of each file that the provider cannot send. The others are fetched. */
  onLost: (index: number) => void;
  /** Called with the seconds for which nothing has arrived; with null when data arrives again. */
  onStalled?: (seconds: number | null) => void;
}

/**
 * Fetches the remaining pieces. `remaining.lost` has the files that the provider could not send. Throws `wrong_bytes`,
 * `peer_refused`, `connection_lost`, and what the sink throws. No write is in progress when it resolves or rejects.
 */
export async function fetchFiles(options: GetterOptions): Promise<void> {
  for (const batch of batches(options.remaining.takeEmpty(), BATCH_FILES)) {
    await options.sink.writeWhole(batch.map((index) => ({ index, bytes: new Uint8Array(0) })));
  }
  const getter = new Getter(options);
  const { clock, onStalled = () => {} } = options;
  const over = new AbortController();
  const watch = watchStalls(clock, () => getter.receivedBytes, onStalled, over.signal);
  try {
    await whileAnswering(options, options.rootHash, () => getter.receivedBytes, () => getter.run());
  } finally {
    over.abort();
    await watch;
  }
}

class Getter {
  readonly #options: GetterOptions;
  readonly #count: StreamCount;
  readonly #pool: BlockPool;
  readonly #over = deferred<void>();
  readonly #stop = new AbortController();
  #failure: { error: unknown } | undefined;
  #streams = 0;
  readonly #downloads = new Set<SegmentDownload>();
  /** Bytes received on streams that have ended. */
  #endedBytes = 0;
  /** Positions at which streams broke off: index of the file, block, and whether the file was requested alone. */
  readonly #brokenAt = new Set<string>();
  /** Maximum number of files of a request. It is reduced while the file at which streams break off is searched for. */
  #largestFiles = MAXIMUM_FILES;

  constructor(options: GetterOptions) {
    const { clock, connection, isOrdered } = options;
    const maximum = isOrdered ? 1 : MAXIMUM_STREAMS;
    this.#options = options;
    this.#count = new StreamCount(clock.nowMs(), connection.path()?.rttMs ?? 0, maximum);
    this.#pool = new BlockPool(maximum * (WRITES_BEHIND + 1));
  }

  /** Bytes received on all of its streams. On a slow link they grow long before a leaf is complete. */
  get receivedBytes(): number {
    return [...this.#downloads].reduce((sum, { receivedBytes }) => sum + receivedBytes, this.#endedBytes);
  }

  async run(): Promise<void> {
    this.#adjust();
    await this.#over.promise;
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Starts streams up to the target, and ends when the last one has ended. */
  #adjust(): void {
    // Read again for each stream, because a stream takes its segment as soon as it is started.
    const { remaining } = this.#options;
    while (
      this.#failure === undefined && remaining.waitingBytes > 0 && this.#streams < this.#target
    ) {
      this.#streams++;
      this.#work();
    }
    if (this.#streams === 0) this.#over.resolve();
  }

  /** Fetches one segment after the other, while there are segments and not too many streams. */
  async #work(): Promise<void> {
    try {
      while (this.#failure === undefined && this.#streams <= this.#target) {
        const segment = this.#take();
        if (segment === undefined) break;
        await this.#fetch(segment);
      }
    } catch (error) {
      this.#failure ??= { error };
      this.#stop.abort();
    } finally {
      this.#streams--;
      this.#adjust();
    }
  }

  #take(): Segment | undefined {
    return this.#options.remaining.take(this.#target, this.#segmentBytes(), this.#largestFiles);
  }

  /** The present target of the number of streams. */
  get #target(): number {
    const bytesPerSecond = this.#options.limit?.bytesPerSecond ?? Infinity;
    return Math.max(
      1,
      Math.min(this.#count.target, Math.floor(bytesPerSecond / LIMITED_STREAM_BYTES_PER_SECOND)),
    );
  }

  #segmentBytes(): number {
    const bytes = this.#count.rate(this.#options.clock.nowMs()) * SEGMENT_MS;
    return Math.min(Math.max(bytes, SEGMENT_SMALLEST_BYTES), SEGMENT_LARGEST_BYTES);
  }

  async #fetch(segment: Segment): Promise<void> {
    const { rootHash, remaining } = this.#options;
    const download = new SegmentDownload(segment, this.#context());
    this.#downloads.add(download);
    try {
      await download.run();
      this.#largestFiles = Math.min(2 * this.#largestFiles, MAXIMUM_FILES);
    } catch (error) {
      // Counted after the failure, because the other streams may have ended meanwhile.
      const isOneOfSeveral = this.#streams > 1;
      const fault = isOneOfSeveral
        ? error
        : await classifyRefusal(this.#options, rootHash, download.name, error);
      const { pieces, repeatedBytes } = download.rest;
      remaining.returnPieces(pieces, repeatedBytes);
      if (isOneOfSeveral && isPliError(fault, "peer_refused")) return await this.#yield();
      if (isPliError(fault, "source_lost")) return this.#handleBrokenStream(pieces, download.hasMoved);
      throw fault;
    } finally {
      this.#downloads.delete(download);
      this.#endedBytes += download.receivedBytes;
    }
  }

  /**
   * Handles a stream that broke off before these pieces arrived. The first time at a position is ignored, because the
   * provider may have reset the stream of a slow receiver. A reset discards the data that was in flight, so any of
   * these pieces may be of the lost file: each time fewer are requested, until the file is requested alone.
   */
  #handleBrokenStream(pieces: readonly Piece[], hasMoved: boolean): void {
    if (pieces.length === 0 || hasMoved || this.#isFirstBreak(pieces)) return;
    if (pieces.length > 1) {
      this.#largestFiles = Math.ceil(Math.min(pieces.length, this.#largestFiles) / 2);
      return;
    }
    const [{ index }] = pieces;
    if (this.#options.remaining.lost.has(index)) return;
    this.#options.remaining.lose(index);
    this.#options.onLost(index);
  }

  /** Whether this is the first stream that broke off at the first of these pieces, requested alone as now or not. */
  #isFirstBreak(pieces: readonly Piece[]): boolean {
    const at = `${pieces[0].index} ${pieces[0].firstBlock} ${pieces.length === 1}`;
    const isFirst = !this.#brokenAt.has(at);
    this.#brokenAt.add(at);
    return isFirst;
  }

  /** The provider serves the other streams of this receiver. It is busy, or it will refuse the last stream too. */
  async #yield(): Promise<void> {
    const { clock } = this.#options;
    this.#count.busy(clock.nowMs());
    await clock.sleep(BUSY_MS, this.#stop.signal).catch(() => {});
  }

  #context(): DownloadContext {
    const { clock } = this.#options;
    const isFast = this.#count.rate(clock.nowMs()) >= WHOLE_BLOCKS_BYTES_PER_MS;
    return {
      ...this.#options,
      pool: this.#pool,
      leafChunks: isFast ? BLOCK_CHUNKS : SMALL_LEAF_CHUNKS,
      onArrived: (bytes) => {
        this.#count.arrived(bytes, clock.nowMs());
        this.#adjust();
      },
      onWritten: async (index, bytes) => {
        const { remaining, sink } = this.#options;
        if (remaining.written(index, bytes)) await sink.finish(index);
      },
      signal: this.#stop.signal,
    };
  }
}
