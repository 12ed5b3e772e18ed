// What a share has sent to which receiver: the progress of the receivers, the sent chunks, the receipts that count,
// and the share's end, which follows from these.

import { chunkCount } from "../../bao/geometry.ts";
import type { RangeSet } from "../../bao/range_set.ts";
import type { OnEvent } from "../../events.ts";
import type { ShareEnd } from "../../options.ts";
import type { Clock } from "../../ports.ts";
import type { SharedBlob } from "../../store/shared_blob.ts";
import type { Receipt } from "../../wire/receipt.ts";
import { Deliveries } from "./deliveries.ts";
import { EndWatch } from "./end_watch.ts";
import { ReceiverProgress } from "./receiver_progress.ts";
import { SendableSearch } from "./sendable_search.ts";
import { SentChunks } from "./sent_chunks.ts";
import type { SharedCollection } from "./shared_collection.ts";
import type { ReceiptEnd, ShareRule } from "./share_rule.ts";

/** Maximum number of receivers with figures. */
const MAXIMUM_RECEIVERS = 256;

export interface ShareLedgerOptions {
  collection: SharedCollection;
  rule: ShareRule;
  /** The receiver that held the share in an earlier run. */
  earlierId?: string;
  clock: Clock;
  onEvent: OnEvent;
  /** Ends the wait for the share's end. */
  signal: AbortSignal;
}

/** One answer with file data, while it is written. */
export interface DataAnswer {
  /** Bytes of a blob's content were handed to the stream. */
  sent(blob: SharedBlob, bytes: number): void;
  /** All that was selected of a blob was handed to the stream. */
  partSent(blob: SharedBlob, selected: RangeSet): void;
  /** The receiver has acknowledged the whole answer. */
  arrived(): void;
  /** The answer has ended, successful or not. */
  ended(): void;
}

export class ShareLedger {
  /** Resolves when the share has ended by its rule. */
  readonly ended: Promise<ShareEnd>;
  readonly #options: ShareLedgerOptions;
  readonly #end: EndWatch;
  readonly #sentChunks: SentChunks;
  readonly #deliveries: Deliveries;
  /** Progress of each receiver by its id, in the order of their last answers. */
  readonly #progress = new Map<string, ReceiverProgress>();
  /** Names of files that cannot be sent any more, each reported once. */
  readonly #changed = new Set<string>();
  readonly #sendableSearch: SendableSearch;
  /** Whether it was found and reported that every file is lost. */
  #isAllLost = false;
  /** Receivers that requested lost files since the last search for a sendable one. */
  readonly #metLoss = new Set<string>();

  constructor(options: ShareLedgerOptions) {
    this.#options = options;
    this.#sentChunks = new SentChunks(options.collection);
    this.#deliveries = new Deliveries(options.collection, options.earlierId);
    this.#sendableSearch = new SendableSearch(options.collection, options.signal);
    this.#end = new EndWatch(options.rule, options.clock, options.signal);
    this.ended = this.#end.ended;
    this.ended.then((end) => end === "sent" && options.onEvent({ type: "sent" }));
  }

  /** Begins an answer to a receiver. `takenBytes` returns how much its stream has taken. */
  beginAnswer(id: string, takenBytes: () => number): DataAnswer {
    const { collection, rule, clock } = this.#options;
    const progress = this.#progressOf(id);
    const answer = progress.answers(takenBytes);
    const parts: [hash: Uint8Array, chunks: RangeSet][] = [];
    return {
      sent: (blob, bytes) => {
        rule.dataTaken(id, clock.nowMs());
        if (!collection.isFile(blob)) return;
        answer.sent(bytes);
        this.#deliveries.sent(id, bytes);
      },
      partSent: (blob, selected) => {
        parts.push([blob.hash, selected]);
        // A file may need several answers; the one with its last chunk counts it.
        const chunks = chunkCount(blob.sizeBytes);
        if (collection.isFile(blob) && selected.covers(chunks - 1, chunks)) progress.fileDone();
      },
      arrived: () => this.#count(parts),
      ended: () => answer.ended(),
    };
  }

  /** A receiver has no connection any more. */
  receiverDisconnected(id: string): void {
    const progress = this.#progress.get(id);
    progress?.disconnected();
    // Another download of the same receiver starts at 0.
    if (progress?.isDelivered) this.#progress.delete(id);
  }

  /** Takes the report of a receiver's existing data, which only the receiver knows. */
  noteExistingData(id: string, { verified }: Receipt): void {
    const { rule, clock } = this.#options;
    if (!rule.maySee(id, clock.nowMs())) return;
    this.#progressOf(id).has(verified.reduce((sum, { bytes }) => sum + bytes, 0));
  }

  /** Takes a final receipt and ends a single-use share with it. Returns whether the receipt counts. */
  noteOutcome(id: string, receipt: Receipt): boolean {
    const { rule, clock, onEvent } = this.#options;
    if (!rule.maySee(id, clock.nowMs())) return false;
    const end = endOf(receipt);
    // If a file was lost, its receiver may have been sent nothing.
    const isNothing = end === "spoiled" && this.#changed.size > 0;
    const counted = isNothing ? null : this.#deliveries.count(id, receipt);
    if (counted !== null && counted.kind !== "delivery") return counted.kind === "repetition";
    rule.endedByReceipt(end);
    this.#progress.get(id)?.delivered(hadBytes(receipt, this.#options.collection));
    if (counted !== null && end !== "spoiled") {
      const { files, bytes } = counted;
      onEvent({ type: "delivered", id, files, bytes, ...this.#lostOf(receipt) });
    }
    this.#end.check();
    return true;
  }

  /** A file that the id requested cannot be sent any more. */
  sourceChanged(name: string, id: string): void {
    const { rule, clock, onEvent } = this.#options;
    rule.lostFileRequested(id, clock.nowMs());
    this.#metLoss.add(id);
    if (!this.#changed.has(name)) {
      this.#changed.add(name);
      onEvent({ type: "source_changed", name });
    }
    this.#end.check();
  }

  /** Finds whether anything can still be sent, when a receiver leaves that requested a lost file. Never rejects. */
  async checkSendable(id: string): Promise<void> {
    const { rule, clock, onEvent } = this.#options;
    if (!this.#metLoss.delete(id) || this.#isAllLost || rule.ended(clock.nowMs()) !== undefined) return;
    // Another disk error does not prove a loss.
    const hasAny = await this.#sendableSearch.hasAny().catch(() => true);
    if (hasAny || this.#isAllLost) return;
    this.#isAllLost = true;
    onEvent({ type: "all_lost" });
    rule.lostAll(clock.nowMs());
  }

  /** Checks whether the share has ended. Called after each event that can end it. */
  check(): void {
    this.#end.check();
  }

  /** The names of the files that a receipt reports as lost, if any. */
  #lostOf({ lost }: Receipt): { lost?: string[] } {
    if (lost === undefined) return {};
    const names = lost.map((child) => this.#options.collection.files.at(child - 1)!.name);
    // An earlier run of this share may have detected the loss, without an event in this run.
    if (this.#changed.size === 0) this.#options.onEvent({ type: "source_changed", name: names[0] });
    return { lost: names };
  }

  /** The progress of a receiver. That of a returning one continues. */
  #progressOf(receiverId: string): ReceiverProgress {
    const { collection: { sizeBytes: totalBytes }, clock, onEvent } = this.#options;
    const progress = this.#progress.get(receiverId) ??
      new ReceiverProgress({ clock, onEvent, totalBytes, receiverId });
    this.#progress.delete(receiverId);
    this.#progress.set(receiverId, progress);
    if (this.#progress.size > MAXIMUM_RECEIVERS) {
      const [[longestAgo, forgotten]] = this.#progress;
      forgotten.disconnected();
      this.#progress.delete(longestAgo);
    }
    return progress;
  }

  #count(parts: readonly [Uint8Array, RangeSet][]): void {
    const { rule, clock } = this.#options;
    for (const [hash, chunks] of parts) this.#sentChunks.add(hash, chunks);
    if (!this.#sentChunks.isComplete) return;
    rule.allSent(clock.nowMs());
    this.#end.check();
  }
}

/** Bytes that the receiver has according to a final receipt. */
function hadBytes({ outcome, verified }: Receipt, { sizeBytes }: SharedCollection): number {
  return outcome === "everything" ? sizeBytes : verified.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** The end of a share by a receipt: spoiled if its receiver got nothing because files were lost. */
function endOf({ verified, lost }: Receipt): ReceiptEnd {
  if (lost === undefined) return "delivered";
  return verified.length === 0 ? "spoiled" : "partial";
}
