// Serves one share to its end: connects the rooms of its connections (provider_connections.ts), its answers
// (request_answer.ts, preview_answer.ts, receipt_answer.ts) and its completion (share_ledger.ts).

import type { OnEvent } from "../../events.ts";
import type { ClaimHolder, ShareEnd, SpeedLimit } from "../../options.ts";
import type { BiStream, Clock, Connection } from "../../ports.ts";
import { BLOCK_BYTES } from "../../bao/geometry.ts";
import { ByteBudget } from "./byte_budget.ts";
import { PREVIEW_ALPN } from "../../wire/preview.ts";
import { RECEIPT_1_ALPN, RECEIPT_ALPN, RECEIPT_ALPNS } from "../../wire/receipt.ts";
import { BLOBS_ALPN } from "../../wire/request.ts";
import { answerStreams } from "./answer_streams.ts";
import { endFailedAnswer } from "./failed_answer.ts";
import { PreviewAnswer } from "./preview_answer.ts";
import { Peer } from "./peer.ts";
import { ProviderConnections } from "./provider_connections.ts";
import { answerReceipt } from "./receipt_answer.ts";
import { RequestAnswer } from "./request_answer.ts";
import { ShareLedger } from "./share_ledger.ts";
import type { SharedCollection } from "./shared_collection.ts";
import { ShareRule } from "./share_rule.ts";

/** The protocols that a share speaks. */
export const PROVIDER_ALPNS = [BLOBS_ALPN, PREVIEW_ALPN, ...RECEIPT_ALPNS] as const;
export type ProviderAlpn = typeof PROVIDER_ALPNS[number];

/**
 * Byte budget of all answers together: blocks of files, long requests, and what QUIC keeps until it is acknowledged. A
 * block that is being written counts twice for a moment.
 */
const BUDGET_BYTES = 32 * BLOCK_BYTES;
/** The same for previews, which need no ticket. A separate budget, so that previews take no memory from receivers. */
const PREVIEW_BUDGET_BYTES = 4 * BLOCK_BYTES;
/** Concurrent answers on one connection: twice the number of a receiver's streams. */
const MAXIMUM_ANSWERS = 16;

export interface ProviderOptions {
  collection: SharedCollection;
  isKept: boolean;
  earlierHolder?: ClaimHolder;
  previewNames?: boolean;
  limit?: SpeedLimit;
  clock: Clock;
  onEvent: OnEvent;
}

export class Provider {
  /** Resolves when the share has ended by its rule. */
  readonly ended: Promise<ShareEnd>;
  readonly #collection: SharedCollection;
  readonly #clock: Clock;
  readonly #onEvent: OnEvent;
  readonly #rule: ShareRule;
  readonly #ledger: ShareLedger;
  readonly #connections: ProviderConnections;
  readonly #requests: RequestAnswer;
  readonly #preview: PreviewAnswer;
  readonly #closed = new AbortController();
  readonly #budget: ByteBudget;
  readonly #previewBudget: ByteBudget;

  constructor(options: ProviderOptions) {
    const { collection, isKept, earlierHolder, previewNames = false, limit, clock, onEvent } = options;
    this.#collection = collection;
    this.#clock = clock;
    this.#onEvent = onEvent;
    this.#budget = new ByteBudget(BUDGET_BYTES, clock);
    this.#previewBudget = new ByteBudget(PREVIEW_BUDGET_BYTES, clock);
    const { signal } = this.#closed;
    const onClaimed = (holder: ClaimHolder) => onEvent({ type: "claimed", ...holder });
    const rule = new ShareRule(isKept ? "kept" : "single", {
      earlierHolder,
      nowMs: clock.nowMs(),
      onClaimed,
    });
    const ledger = new ShareLedger({
      collection,
      rule,
      earlierId: earlierHolder?.id,
      clock,
      onEvent,
      signal,
    });
    const connections = new ProviderConnections(clock, onEvent);
    const onServed = (id: string) => connections.served(id);
    this.#rule = rule;
    this.#ledger = ledger;
    this.#connections = connections;
    this.#requests = new RequestAnswer({ collection, rule, ledger, clock, onEvent, onServed, limit, signal });
    this.#preview = new PreviewAnswer(collection, previewNames);
    this.ended = ledger.ended;
  }

  /** Handles an incoming connection to its end. Never rejects. */
  async handle(alpn: ProviderAlpn, connection: Connection): Promise<void> {
    const budget = alpn === PREVIEW_ALPN ? this.#previewBudget : this.#budget;
    const peer = new Peer(connection, this.#clock, budget);
    const { id } = peer;
    const isForData = alpn === BLOBS_ALPN;
    if (alpn === RECEIPT_ALPN || alpn === RECEIPT_1_ALPN) {
      this.#rule.identifiedAsPli(id, { mayStopAtLoss: alpn === RECEIPT_1_ALPN });
    }
    this.#rule.connected(id);
    const entered = this.#connections.enter(
      connection,
      id,
      isForData,
      this.#rule.holderId(this.#clock.nowMs()),
    );
    const watched = peer.closeWhenSilent();
    const answer = (stream: BiStream) =>
      this.#connections.whileAnswering(id, this.#guarded(stream, peer, this.#answer(alpn, stream, peer)));
    await answerStreams(connection, MAXIMUM_ANSWERS, answer, () => peer.memory.close());
    await Promise.all([entered, watched]);
    this.#connections.leave(connection, id, isForData);
    await this.#disconnected(id, isForData);
  }

  /** Resolves when the receivers have closed their connections, or after a short wait. */
  drained(): Promise<void> {
    return this.#connections.drained();
  }

  close(): void {
    this.#closed.abort();
  }

  /** Handles what may end with a closed connection. */
  async #disconnected(id: string, isForData: boolean): Promise<void> {
    if (!this.#connections.hasReceiver(id)) await this.#ledger.checkSendable(id);
    this.#rule.disconnected(id, this.#clock.nowMs());
    this.#ledger.check();
    if (!isForData || this.#connections.hasReceiver(id)) return;
    this.#ledger.receiverDisconnected(id);
    this.#onEvent({ type: "receiver", id, state: "gone" });
  }

  #answer(alpn: ProviderAlpn, stream: BiStream, peer: Peer): Promise<void> {
    const { id } = peer;
    switch (alpn) {
      case BLOBS_ALPN:
        return this.#requests.answer(stream, peer);
      case PREVIEW_ALPN:
        return this.#preview.answer(stream, peer, () => this.#rule.maySee(id, this.#clock.nowMs()));
      case RECEIPT_ALPN:
      case RECEIPT_1_ALPN:
        return answerReceipt(stream, peer, {
          alpn,
          collection: this.#collection,
          noteExistingData: (receipt) => this.#ledger.noteExistingData(id, receipt),
          noteOutcome: (receipt) => this.#ledger.noteOutcome(id, receipt),
        });
    }
  }

  /** Runs an answer whose failure ends only its stream. Never rejects. */
  async #guarded(stream: BiStream, { id, connection }: Peer, answer: Promise<void>): Promise<void> {
    try {
      await answer;
    } catch (error) {
      const failure = endFailedAnswer(stream, connection, error);
      if (failure?.kind === "source_changed") this.#ledger.sourceChanged(failure.name, id);
      if (failure?.kind === "mistake") this.#onEvent({ type: "answer_failed", id, reason: failure.reason });
    }
  }
}
