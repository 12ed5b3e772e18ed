// Answers one get request: checks it against the share rule and sends the response. A forbidden request is answered
// like an unknown hash, so a finished share cannot be distinguished from one that never existed.

import { equalBytes } from "../../bytes/equal.ts";
import { PliError } from "../../errors.ts";
import type { OnEvent } from "../../events.ts";
import type { SpeedLimit } from "../../options.ts";
import type { BiStream, Clock, SendStream } from "../../ports.ts";
import type { Request } from "../../wire/request.ts";
import type { Peer } from "./peer.ts";
import { readRequest } from "./read_request.ts";
import { asksData, responseParts, writeResponse } from "./response.ts";
import type { DataAnswer, ShareLedger } from "./share_ledger.ts";
import type { SharedCollection } from "./shared_collection.ts";
import type { ShareRule } from "./share_rule.ts";

/** Maximum number of reported refusals, one for each receiver, because peers can cause any number. */
const MAXIMUM_REFUSALS = 20;

export interface RequestAnswerOptions {
  collection: SharedCollection;
  rule: ShareRule;
  ledger: ShareLedger;
  clock: Clock;
  onEvent: OnEvent;
  /** Called when data was sent to a receiver. */
  onServed: (id: string) => void;
  /** Rate limit of file data. */
  limit?: SpeedLimit;
  /** Ends the waits for the limit. */
  signal: AbortSignal;
}

export class RequestAnswer {
  readonly #options: RequestAnswerOptions;
  /** The ids of receivers whose refusal was reported. */
  readonly #refused = new Set<string>();

  constructor(options: RequestAnswerOptions) {
    this.#options = options;
  }

  /** Throws `peer_refused`, `source_changed`, and what reading the request and writing the response throw. */
  async answer({ send, receive }: BiStream, peer: Peer): Promise<void> {
    const { collection, ledger, onServed } = this.#options;
    const { id } = peer;
    const request = await readRequest(peer.reader(receive), peer.memory);
    if (request.kind === "get" && equalBytes(request.hash, collection.hash)) peer.hasTicket = true;
    // Other hashes of the share follow from its content, which peers without the ticket may know or guess.
    if (!peer.hasTicket) throw new PliError("peer_refused", {});
    const takesData = asksData(request, collection);
    this.#check(id, takesData);
    const answer = takesData ? ledger.beginAnswer(id, () => send.takenBytes) : undefined;
    try {
      await this.#respond(request, send, answer, peer);
      onServed(id);
      const code = await peer.finish(send);
      if (code === null || code === 0) answer?.arrived();
    } finally {
      answer?.ended();
    }
  }

  /** Throws `peer_refused` if the rule forbids the request, and reports that. */
  #check(id: string, takesData: boolean): void {
    const { rule, clock } = this.#options;
    const nowMs = clock.nowMs();
    if (takesData ? rule.mayTake(id, nowMs) : rule.maySee(id, nowMs)) return;
    this.#reportRefusal(id, nowMs);
    throw new PliError("peer_refused", {});
  }

  #reportRefusal(id: string, nowMs: number): void {
    const { rule, onEvent } = this.#options;
    if (this.#refused.has(id) || this.#refused.size >= MAXIMUM_REFUSALS) return;
    this.#refused.add(id);
    const holder = rule.ended(nowMs) === undefined ? rule.holderId(nowMs) : undefined;
    onEvent({ type: "refused", id, reason: holder === undefined ? "ended" : "held", holder: holder ?? null });
  }

  async #respond(
    request: Request,
    send: SendStream,
    answer: DataAnswer | undefined,
    peer: Peer,
  ): Promise<void> {
    const { collection, onServed, limit, signal } = this.#options;
    const output = { writer: peer.writer(send), limit: answer === undefined ? undefined : limit, signal };
    await writeResponse(responseParts(request, collection), peer.memory, output, {
      onPayload: ({ blob }, bytes) => {
        onServed(peer.id);
        answer?.sent(blob, bytes);
      },
      onPart: ({ blob }, selected) => answer?.partSent(blob, selected),
    });
  }
}
