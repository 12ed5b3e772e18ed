// Fetches the content of files over several streams of one connection, and hands each verified piece on. What
// is to be fetched is a queue of segments; each stream takes one after the other. How many streams there are
// follows what the path gives (stream_count.ts) and what the provider allows.

import { BLOCK_CHUNKS } from "../bao/geometry.ts";
import { isPliError } from "../errors.ts";
import { BlockPool } from "../store/block_pool.ts";
import { batches } from "../store/bounded.ts";
import type { Piece } from "../store/pieces.ts";
import { whileAnswering } from "./heartbeat.ts";
import { toldApart } from "./open_request.ts";
import { BATCH_FILES, type DownloadContext, SegmentDownload, WRITES_BEHIND } from "./segment_download.ts";
import type { Remaining } from "./remaining.ts";
import type { Segment } from "./segments.ts";
import { MAXIMUM_STREAMS, StreamCount } from "./stream_count.ts";

/** A segment is what arrives in about this time, between these sizes: between two of them a stream stands still. */
const SEGMENT_MS = 1_000;
const SEGMENT_SMALLEST_BYTES = 4 * 1024 * 1024;
const SEGMENT_LARGEST_BYTES = 256 * 1024 * 1024;
/** From this rate on, whole blocks are verified at once; below, smaller leaves show that something moves. */
const WHOLE_BLOCKS_BYTES_PER_MS = 4_000;
/** Not less than a file that is handed on whole: that is one leaf. */
const SMALL_LEAF_CHUNKS = 64;
/**
 * With a limit there are no more streams than have so much each. A receiver lets its provider go on by an eighth of
 * the window at a time, 256 KiB: a slower stream looks as if nobody read it.
 */
const LIMITED_STREAM_BYTES_PER_SECOND = 256 * 1024;
/** How long a stream waits when the provider is busy. */
const BUSY_MS = 200;

export interface GetterOptions
  extends Pick<DownloadContext, "connection" | "clock" | "hasher" | "rootHash" | "files" | "sink" | "limit"> {
  /** What is to be fetched. After a failure it says what is left, for another connection. */
  remaining: Remaining;
  /** Whether the bytes of a file must come in their order. */
  isOrdered?: boolean;
}

/**
 * Fetches what remains. Throws `wrong_bytes`, `source_lost`, `peer_refused`, `connection_lost`, and what the
 * sink throws. When it is over, nothing is being written any more.
 */
export async function fetchFiles(options: GetterOptions): Promise<void> {
  for (const batch of batches(options.remaining.takeEmpty(), BATCH_FILES)) {
    await options.sink.writeWhole(batch.map((index) => ({ index, bytes: new Uint8Array(0) })));
  }
  const getter = new Getter(options);
  await whileAnswering(options, options.rootHash, () => getter.receivedBytes, () => getter.run());
}

class Getter {
  readonly #options: GetterOptions;
  readonly #count: StreamCount;
  readonly #pool: BlockPool;
  readonly #over = Promise.withResolvers<void>();
  readonly #stop = new AbortController();
  #failure: { error: unknown } | undefined;
  #streams = 0;
  readonly #downloads = new Set<SegmentDownload>();
  /** What came on streams that are over. */
  #endedBytes = 0;
  /** Where streams have broken off: a file's index and its block. */
  readonly #lostAt = new Set<string>();

  constructor(options: GetterOptions) {
    const { clock, connection, isOrdered } = options;
    const maximum = isOrdered ? 1 : MAXIMUM_STREAMS;
    this.#options = options;
    this.#count = new StreamCount(clock.nowMs(), connection.path()?.rttMs ?? 0, maximum);
    this.#pool = new BlockPool(maximum * (WRITES_BEHIND + 1));
  }

  /** How many bytes ever came on its streams: those of a slow link long before they make a leaf. */
  get receivedBytes(): number {
    return [...this.#downloads].reduce((sum, { receivedBytes }) => sum + receivedBytes, this.#endedBytes);
  }

  async run(): Promise<void> {
    this.#adjust();
    await this.#over.promise;
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Starts streams while there should be more, and notices when the last one has ended. */
  #adjust(): void {
    // Asked anew each time: a stream takes its segment as soon as it is started.
    const { remaining } = this.#options;
    while (
      this.#failure === undefined && remaining.waitingBytes > 0 && this.#streams < this.#target
    ) {
      this.#streams++;
      this.#work();
    }
    if (this.#streams === 0) this.#over.resolve();
  }

  /** One stream after the other, as long as there are not too many and there is something to fetch. */
  async #work(): Promise<void> {
    try {
      while (this.#failure === undefined && this.#streams <= this.#target) {
        const segment = this.#options.remaining.take(this.#target, this.#segmentBytes());
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

  /** How many streams there should be now. */
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
      if (this.#streams > 1) await download.run();
      else await toldApart(this.#options, rootHash, () => download.name, download.run());
    } catch (error) {
      const { pieces, repeatedBytes } = download.rest;
      remaining.giveBack(pieces, repeatedBytes);
      if (isPliError(error, "peer_refused") && this.#streams > 1) return await this.#yield();
      // A stream that was given up half way, or by a provider to which we were too slow: what it was about may
      // still be there. Whether it is shows the second time.
      if (isPliError(error, "source_lost") && (download.hasMoved || this.#isNews(pieces[0]))) return;
      throw error;
    } finally {
      this.#downloads.delete(download);
      this.#endedBytes += download.receivedBytes;
    }
  }

  /** Whether no stream has broken off here before. */
  #isNews(piece: Piece | undefined): boolean {
    const at = `${piece?.index} ${piece?.firstBlock}`;
    const isNews = !this.#lostAt.has(at);
    this.#lostAt.add(at);
    return isNews;
  }

  /** The provider serves our other streams: it is busy, or it will refuse the last one too. */
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
