// Serves one share: answers requests for its blobs, AltSendMe's preview, and receipts. Every answer is first
// put to the share's rule; what the rule forbids is answered like an unknown hash, so that nobody can tell a
// finished share from one that never was.

import { PliError } from "../errors.ts";
import type { OnEvent } from "../events.ts";
import type { ShareEnd } from "../options.ts";
import type { BiStream, Clock, Connection, SendStream } from "../ports.ts";
import { equalBytes } from "../bytes/equal.ts";
import type { RangeSet } from "../bao/range_set.ts";
import { encodePreview, PREVIEW_ALPN, PREVIEW_REQUEST } from "../wire/preview.ts";
import { decodeReceipt, RECEIPT_ALPN, RECEIPT_MAXIMUM_BYTES, ReceiptAnswer } from "../wire/receipt.ts";
import {
  BLOBS_ALPN,
  decodeRequest,
  isForbiddenKind,
  type Request,
  REQUEST_MAXIMUM_BYTES,
  ResetCode,
} from "../wire/request.ts";
import { withDeadline } from "./deadline.ts";
import { Progress } from "./progress.ts";
import { asksData, GatheredWriter, responseParts, writePart } from "./response.ts";
import { SentChunks } from "./sent_chunks.ts";
import type { SharedCollection } from "./shared_collection.ts";
import { SingleUse } from "./single_use.ts";
import { concatenate, StreamReader } from "./stream_reader.ts";

/** A peer that sends no byte of its request, or takes none of the answer, for this long is dropped. */
const STALL_MS = 30_000;

/** The protocols that a share speaks. */
export const PROVIDER_ALPNS = [BLOBS_ALPN, PREVIEW_ALPN, RECEIPT_ALPN] as const;
export type ProviderAlpn = typeof PROVIDER_ALPNS[number];

export interface ProviderOptions {
  collection: SharedCollection;
  isKept: boolean;
  clock: Clock;
  onEvent: OnEvent;
}

export class Provider {
  /** Resolves when the share has ended by its rule. */
  readonly ended: Promise<ShareEnd>;
  readonly #collection: SharedCollection;
  readonly #clock: Clock;
  readonly #onEvent: OnEvent;
  readonly #rule: SingleUse;
  readonly #sent: SentChunks;
  readonly #end = Promise.withResolvers<ShareEnd>();
  readonly #closed = new AbortController();
  readonly #connections = new Map<Connection, ProviderAlpn>();
  /** What each receiver has taken, by its id. */
  readonly #progress = new Map<string, Progress>();

  constructor({ collection, isKept, clock, onEvent }: ProviderOptions) {
    this.#collection = collection;
    this.#clock = clock;
    this.#onEvent = onEvent;
    this.#rule = new SingleUse(isKept);
    this.#sent = new SentChunks(collection.files.map((file) => file.blob));
    this.ended = this.#end.promise;
  }

  /** Handles an incoming connection to its end. Never rejects. */
  async handle(alpn: ProviderAlpn, connection: Connection): Promise<void> {
    const id = connection.remoteId.toHex();
    if (alpn === RECEIPT_ALPN) this.#rule.isPli(id);
    const isFirst = alpn === BLOBS_ALPN && !this.#isConnected(id);
    this.#connections.set(connection, alpn);
    this.#rule.connected(id);
    if (isFirst) this.#onEvent({ type: "receiver", id, state: "connected" });
    await this.#serve(alpn, connection);
    this.#connections.delete(connection);
    this.#rule.disconnected(id, this.#clock.nowMs());
    if (alpn === BLOBS_ALPN && !this.#isConnected(id)) this.#onEvent({ type: "receiver", id, state: "gone" });
  }

  /** Waits for the receivers to close their connections, which only they know when to do, or for `limitMs`. */
  async drained(limitMs: number): Promise<void> {
    const closed = Promise.all([...this.#connections.keys()].map((connection) => connection.closed));
    await withDeadline(this.#clock, limitMs, closed).catch(() => {});
  }

  close(): void {
    this.#closed.abort();
  }

  async #serve(alpn: ProviderAlpn, connection: Connection): Promise<void> {
    const answers = new Set<Promise<void>>();
    for (let stream = await connection.acceptBi(); stream !== null; stream = await connection.acceptBi()) {
      const task = this.#guard(stream, this.#answer(alpn, stream, connection));
      answers.add(task);
      task.finally(() => answers.delete(task));
    }
    await Promise.all(answers);
  }

  #answer(alpn: ProviderAlpn, stream: BiStream, connection: Connection): Promise<void> {
    switch (alpn) {
      case BLOBS_ALPN:
        return this.#answerRequest(stream, connection);
      case PREVIEW_ALPN:
        return this.#answerPreview(stream);
      case RECEIPT_ALPN:
        return this.#answerReceipt(stream, connection);
    }
  }

  /** Whether the id has a connection for blobs. */
  #isConnected(id: string): boolean {
    return [...this.#connections].some(([connection, alpn]) =>
      alpn === BLOBS_ALPN && connection.remoteId.toHex() === id
    );
  }

  /** Whatever goes wrong in an answer ends its stream with a code, and nothing else. */
  async #guard({ send, receive }: BiStream, answer: Promise<void>): Promise<void> {
    try {
      await answer;
    } catch (error) {
      const code = error instanceof Forbidden ? ResetCode.PERMISSION : ResetCode.INTERNAL;
      receive.stop(code);
      send.reset(code);
      if (error instanceof PliError && error.code === "source_changed") {
        this.#onEvent({
          type: "source_changed",
          name: (error as PliError<"source_changed">).parameters.name,
        });
      }
    }
  }

  async #answerRequest({ send, receive }: BiStream, connection: Connection): Promise<void> {
    const reader = new StreamReader(receive);
    const kind = await this.#inTime(reader.take(1));
    if (isForbiddenKind(kind[0])) throw new Forbidden();
    const first = kind.slice();
    const body = await this.#inTime(reader.rest(REQUEST_MAXIMUM_BYTES - 1, "request"));
    const request = decodeRequest(concatenate([first, body], 1 + body.length));
    const id = connection.remoteId.toHex();
    const takesData = asksData(request, this.#collection);
    const nowMs = this.#clock.nowMs();
    const isAllowed = takesData ? this.#rule.mayTake(id, nowMs) : this.#rule.maySee(nowMs);
    if (!isAllowed) throw new PliError("peer_refused", {});
    const sent = await this.#respond(request, send, takesData ? this.#progressOf(connection) : undefined, id);
    await send.finish();
    const code = await send.stopped();
    if (takesData && (code === null || code === 0)) this.#count(sent);
  }

  async #respond(request: Request, send: SendStream, progress: Progress | undefined, id: string) {
    const sent: [hash: Uint8Array, chunks: RangeSet][] = [];
    const writer = new GatheredWriter(async (bytes) => {
      await this.#inTime(send.write(bytes));
      if (progress !== undefined) this.#rule.took(id, this.#clock.nowMs());
    });
    for (const part of responseParts(request, this.#collection)) {
      const fileProgress = this.#collection.isFile(part.blob) ? progress : undefined;
      const chunks = await writePart(part, writer, (bytes) => fileProgress?.add(bytes));
      sent.push([part.blob.hash, chunks]);
      fileProgress?.fileDone();
    }
    await writer.flush();
    progress?.flush();
    return sent;
  }

  #count(sent: readonly [Uint8Array, RangeSet][]): void {
    for (const [hash, chunks] of sent) this.#sent.add(hash, chunks);
    if (!this.#sent.isComplete) return;
    const wasWaiting = this.#rule.quietUntilMs !== undefined;
    this.#rule.allSent(this.#clock.nowMs());
    if (!wasWaiting && this.#rule.quietUntilMs !== undefined) this.#endWhenQuiet();
  }

  async #endWhenQuiet(): Promise<void> {
    try {
      for (;;) {
        const nowMs = this.#clock.nowMs();
        const end = this.#rule.ended(nowMs);
        if (end !== undefined) {
          if (end === "sent") this.#onEvent({ type: "sent" });
          return this.#end.resolve(end);
        }
        await this.#clock.sleep((this.#rule.quietUntilMs ?? nowMs) - nowMs, this.#closed.signal);
      }
    } catch {
      // Closed meanwhile: then nobody waits for the end.
    }
  }

  async #answerPreview({ send, receive }: BiStream): Promise<void> {
    const request = await this.#inTime(new StreamReader(receive).take(1));
    if (request[0] !== PREVIEW_REQUEST || !this.#rule.maySee(this.#clock.nowMs())) {
      throw new PliError("peer_refused", {});
    }
    const files = this.#collection.files.map(({ name, blob }) => ({ name, sizeBytes: blob.sizeBytes }));
    await this.#inTime(send.write(encodePreview(this.#collection.title, files)));
    await send.finish();
    await send.stopped();
  }

  async #answerReceipt({ send, receive }: BiStream, connection: Connection): Promise<void> {
    const bytes = await this.#inTime(new StreamReader(receive).rest(RECEIPT_MAXIMUM_BYTES, "receipt"));
    const receipt = decodeReceipt(bytes);
    const id = connection.remoteId.toHex();
    const isOurs = equalBytes(receipt.rootHash, this.#collection.hash);
    const isFinal = receipt.outcome !== "taking";
    const isNoted = isOurs && (!isFinal || this.#rule.receipt(id, this.#clock.nowMs()));
    await send.write(Uint8Array.of(isNoted ? ReceiptAnswer.NOTED : ReceiptAnswer.NOT_THIS_SHARE));
    await send.finish();
    if (isNoted && isFinal) this.#delivered(id, receipt);
    await send.stopped();
  }

  #delivered(id: string, { outcome, verified }: ReturnType<typeof decodeReceipt>): void {
    const isAll = outcome === "all";
    this.#onEvent({
      type: "delivered",
      id,
      bytes: isAll ? this.#collection.sizeBytes : verified.reduce((sum, { bytes }) => sum + bytes, 0),
      files: isAll ? this.#collection.files.length : verified.length,
    });
    const end = this.#rule.ended(this.#clock.nowMs());
    if (end !== undefined) this.#end.resolve(end);
  }

  #progressOf(connection: Connection): Progress {
    const receiverId = connection.remoteId.toHex();
    let progress = this.#progress.get(receiverId);
    if (progress === undefined) {
      const totalBytes = this.#collection.sizeBytes;
      progress = new Progress({
        clock: this.#clock,
        onEvent: this.#onEvent,
        totalBytes,
        connection,
        receiverId,
      });
      this.#progress.set(receiverId, progress);
      this.#onEvent({ type: "receiver", id: receiverId, state: "receiving" });
    }
    return progress;
  }

  #inTime<T>(step: Promise<T>): Promise<T> {
    return withDeadline(this.#clock, STALL_MS, step);
  }
}

/** A request of a kind that is never answered. */
class Forbidden extends Error {}
