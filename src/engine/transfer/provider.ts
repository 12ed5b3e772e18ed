// Serves one share: its connections, the answers to requests for its blobs, and its end. Every answer is first
// put to the share's rule; what the rule forbids is answered like an unknown hash, so that nobody can tell a
// finished share from one that never was.

import { isPliError, PliError } from "../errors.ts";
import type { OnEvent } from "../events.ts";
import type { ClaimHolder, ShareEnd, SpeedLimit } from "../options.ts";
import type { BiStream, Clock, Connection, SendStream } from "../ports.ts";
import { BLOCK_BYTES, chunkCount } from "../bao/geometry.ts";
import type { RangeSet } from "../bao/range_set.ts";
import { Account, FairPool } from "../store/fair_pool.ts";
import type { SharedBlob } from "../store/shared_blob.ts";
import { PREVIEW_ALPN } from "../wire/preview.ts";
import { type Receipt, RECEIPT_ALPN } from "../wire/receipt.ts";
import { BLOBS_ALPN, type Request, ResetCode } from "../wire/request.ts";
import { Admission, STRANGER_MS } from "./admission.ts";
import { DeadlinePassed, type Pace, PRESSED, PRESSED_AFTER_MS, STEADY, withDeadline } from "./deadline.ts";
import { PreviewAnswer } from "./preview_answer.ts";
import { watchPath } from "./path_watch.ts";
import { Progress } from "./progress.ts";
import { Forbidden, readRequest } from "./read_request.ts";
import { answerReceipt } from "./receipt_answer.ts";
import { asksData, responseParts, writeResponse } from "./response.ts";
import { SentChunks } from "./sent_chunks.ts";
import type { SharedCollection } from "./shared_collection.ts";
import { SingleUse } from "./single_use.ts";
import { StreamReader, UnexpectedEnd } from "./stream_reader.ts";
import { StreamWriter } from "./stream_writer.ts";

/** The protocols that a share speaks. */
export const PROVIDER_ALPNS = [BLOBS_ALPN, PREVIEW_ALPN, RECEIPT_ALPN] as const;
export type ProviderAlpn = typeof PROVIDER_ALPNS[number];

/** What all answers together have in memory of files, and of long requests. */
const POOL_BYTES = 24 * BLOCK_BYTES;
/** Answers under way on one connection. A receiver wants eight. */
const MAXIMUM_ANSWERS = 16;

export interface ProviderOptions {
  collection: SharedCollection;
  isKept: boolean;
  earlierHolder?: ClaimHolder;
  limit?: SpeedLimit;
  clock: Clock;
  onEvent: OnEvent;
}

/** Who is at the other end of a connection, and what it has of the memory for answers. */
interface Peer {
  id: string;
  connection: Connection;
  memory: Account;
}

export class Provider {
  /** Resolves when the share has ended by its rule. */
  readonly ended: Promise<ShareEnd>;
  readonly #collection: SharedCollection;
  readonly #clock: Clock;
  readonly #onEvent: OnEvent;
  readonly #rule: SingleUse;
  readonly #sent: SentChunks;
  readonly #preview: PreviewAnswer;
  readonly #end = Promise.withResolvers<ShareEnd>();
  readonly #closed = new AbortController();
  readonly #connections = new Map<Connection, ProviderAlpn>();
  readonly #admission = new Admission<Connection>();
  readonly #pool: FairPool;
  readonly #limit: SpeedLimit | undefined;
  /** What each receiver that is connected has taken, by its id. */
  readonly #progress = new Map<string, Progress>();

  constructor({ collection, isKept, earlierHolder, limit, clock, onEvent }: ProviderOptions) {
    this.#limit = limit;
    this.#collection = collection;
    this.#clock = clock;
    this.#onEvent = onEvent;
    this.#pool = new FairPool(POOL_BYTES, () => clock.nowMs());
    const onClaimed = (holder: ClaimHolder) => onEvent({ type: "claimed", ...holder });
    this.#rule = new SingleUse(isKept, { earlierHolder, nowMs: clock.nowMs(), onClaimed });
    this.#sent = new SentChunks(collection);
    this.#preview = new PreviewAnswer(collection, clock);
    this.ended = this.#end.promise;
  }

  /** Handles an incoming connection to its end. Never rejects. */
  async handle(alpn: ProviderAlpn, connection: Connection): Promise<void> {
    const id = connection.remoteId.toHex();
    if (alpn === RECEIPT_ALPN) this.#rule.isPli(id);
    const isFirst = alpn === BLOBS_ALPN && !this.#isConnected(id);
    this.#admit(connection, id);
    this.#connections.set(connection, alpn);
    this.#rule.connected(id);
    if (isFirst) this.#onEvent({ type: "receiver", id, state: "connected" });
    const watch = isFirst ? watchPath(connection, this.#clock, this.#onEvent) : undefined;
    const watched = this.#closeStranger(connection, id);
    await this.#serve(alpn, connection);
    await watched;
    await watch;
    this.#admission.leave(connection, id);
    this.#connections.delete(connection);
    this.#rule.disconnected(id, this.#clock.nowMs());
    if (alpn !== BLOBS_ALPN || this.#isConnected(id)) return;
    this.#progress.delete(id);
    this.#onEvent({ type: "receiver", id, state: "gone" });
  }

  /** Waits for the receivers to close their connections, which only they know when to do, or for `limitMs`. */
  async drained(limitMs: number): Promise<void> {
    const closed = Promise.all([...this.#connections.keys()].map((connection) => connection.closed));
    await withDeadline(this.#clock, limitMs, closed).catch(() => {});
  }

  close(): void {
    this.#closed.abort();
  }

  #admit(connection: Connection, id: string): void {
    const nowMs = this.#clock.nowMs();
    for (const other of this.#admission.enter(connection, id, nowMs, this.#rule.holderId(nowMs))) {
      other.close(0);
    }
  }

  /** Looks at a connection until it is closed, or closes it. */
  async #closeStranger(connection: Connection, id: string): Promise<void> {
    const closed = new AbortController();
    connection.closed.then(() => closed.abort());
    try {
      do await this.#clock.sleep(STRANGER_MS, closed.signal); while (!this.#admission.isStranger(id));
      connection.close(0);
    } catch {
      // The sleep was ended because the connection is closed.
    }
  }

  async #serve(alpn: ProviderAlpn, connection: Connection): Promise<void> {
    const id = connection.remoteId.toHex();
    const peer: Peer = { id, connection, memory: new Account(this.#pool) };
    const answers = new Set<Promise<void>>();
    for (let stream = await connection.acceptBi(); stream !== null; stream = await connection.acceptBi()) {
      const task = this.#guard(stream, peer, this.#answer(alpn, stream, peer));
      answers.add(task);
      this.#admission.began(id);
      task.finally(() => {
        answers.delete(task);
        this.#admission.ended(id);
      });
      // Further streams wait where they cost nothing.
      if (answers.size >= MAXIMUM_ANSWERS) await Promise.race([...answers, connection.closed]);
    }
    peer.memory.close();
    await Promise.all(answers);
  }

  #answer(alpn: ProviderAlpn, stream: BiStream, peer: Peer): Promise<void> {
    const { id } = peer;
    switch (alpn) {
      case BLOBS_ALPN:
        return this.#answerRequest(stream, peer);
      case PREVIEW_ALPN:
        return this.#preview.answer(stream, () => this.#rule.maySee(id, this.#clock.nowMs()));
      case RECEIPT_ALPN:
        return answerReceipt(stream, {
          collection: this.#collection,
          clock: this.#clock,
          noteOutcome: (receipt) => this.#noteOutcome(id, receipt),
        });
    }
  }

  /** Whether the id has a connection for blobs. */
  #isConnected(id: string): boolean {
    return [...this.#connections].some(([connection, alpn]) =>
      alpn === BLOBS_ALPN && connection.remoteId.toHex() === id
    );
  }

  /**
   * Whatever goes wrong in an answer ends its stream with a code, and nothing else; who held what others waited for
   * loses the connection with it, or its other streams would do the same.
   */
  async #guard({ send, receive }: BiStream, { id, connection }: Peer, answer: Promise<void>): Promise<void> {
    try {
      await answer;
    } catch (error) {
      const code = error instanceof Forbidden ? ResetCode.PERMISSION : ResetCode.INTERNAL;
      receive.stop(code);
      send.reset(code);
      if (error instanceof DeadlinePassed && error.pace === PRESSED) connection.close(0);
      if (isPliError(error, "source_changed")) {
        this.#onEvent({ type: "source_changed", name: error.parameters.name });
      } else if (isMistake(error)) {
        this.#onEvent({ type: "answer_failed", id, reason: String(error) });
      }
    }
  }

  async #answerRequest({ send, receive }: BiStream, peer: Peer): Promise<void> {
    const { id, memory } = peer;
    const reader = new StreamReader(receive, this.#clock, () => this.#paceOf(memory));
    const request = await readRequest(reader, memory);
    const takesData = asksData(request, this.#collection);
    const nowMs = this.#clock.nowMs();
    const isAllowed = takesData ? this.#rule.mayTake(id, nowMs) : this.#rule.maySee(id, nowMs);
    if (!isAllowed) throw new PliError("peer_refused", {});
    const sent = await this.#respond(request, send, takesData ? this.#progressOf(id) : undefined, peer);
    await send.finish();
    this.#admission.served(id, this.#clock.nowMs());
    const code = await send.stopped();
    if (takesData && (code === null || code === 0)) this.#count(sent);
  }

  /** What a peer has to move now: more if it holds memory that somebody else waits for. */
  #paceOf(memory: Account): Pace {
    const isPressed = memory.heldBytes > 0 && this.#pool.waitingBesidesMs(memory) >= PRESSED_AFTER_MS;
    return isPressed ? PRESSED : STEADY;
  }

  async #respond(request: Request, send: SendStream, progress: Progress | undefined, { id, memory }: Peer) {
    const sent: [hash: Uint8Array, chunks: RangeSet][] = [];
    const writer = new StreamWriter(send, this.#clock, () => this.#paceOf(memory));
    const isCounted = (blob: SharedBlob) => progress !== undefined && this.#collection.isFile(blob);
    const limit = progress === undefined ? undefined : this.#limit;
    const way = { writer, limit, signal: this.#closed.signal };
    await writeResponse(responseParts(request, this.#collection), memory, way, {
      onPayload: ({ blob }, bytes) => {
        this.#admission.served(id, this.#clock.nowMs());
        if (progress !== undefined) this.#rule.took(id, this.#clock.nowMs());
        if (isCounted(blob)) progress?.add(bytes);
      },
      onPart: ({ blob }, selected) => {
        sent.push([blob.hash, selected]);
        // A file may come in several answers: the one with its end counts it.
        const chunks = chunkCount(blob.sizeBytes);
        if (isCounted(blob) && selected.covers(chunks - 1, chunks)) progress?.fileDone();
      },
    });
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

  /** Whether a receipt that says how it ended is taken; if so, that is the end of a single-use share. */
  #noteOutcome(id: string, { outcome, verified }: Receipt): boolean {
    const nowMs = this.#clock.nowMs();
    if (!this.#rule.receipt(id, nowMs)) return false;
    const isAll = outcome === "all";
    this.#onEvent({
      type: "delivered",
      id,
      bytes: isAll ? this.#collection.sizeBytes : verified.reduce((sum, { bytes }) => sum + bytes, 0),
      files: isAll ? this.#collection.files.length : verified.length,
    });
    const end = this.#rule.ended(nowMs);
    if (end !== undefined) this.#end.resolve(end);
    return true;
  }

  #progressOf(receiverId: string): Progress {
    let progress = this.#progress.get(receiverId);
    if (progress === undefined) {
      const totalBytes = this.#collection.sizeBytes;
      progress = new Progress({ clock: this.#clock, onEvent: this.#onEvent, totalBytes, receiverId });
      this.#progress.set(receiverId, progress);
      this.#onEvent({ type: "receiver", id: receiverId, state: "receiving" });
    }
    return progress;
  }
}

/** Whether an answer failed by a mistake of pli's, and not by its peer, its source or the network. */
function isMistake(error: unknown): boolean {
  if (isPliError(error)) return error.code === "internal";
  return ![Forbidden, DeadlinePassed, UnexpectedEnd].some((kind) => error instanceof kind);
}
