// The receiver's side of receipts (docs/receipt.md), in the newest version that the provider supports. A provider
// without the protocol refuses each connection and gets no receipt. Its user then learns only that everything was
// sent.

import type { Clock, Connection, Endpoint, EndpointAddress } from "../../ports.ts";
import {
  encodeReceipt,
  type Receipt,
  RECEIPT_ALPNS,
  type ReceiptAlpn,
  ReceiptAnswer,
} from "../../wire/receipt.ts";
import { DeadlinePassed, withDeadline } from "../deadline.ts";
import { StreamReader } from "../stream_reader.ts";

/** Timeout of a receipt, from the connection attempt to the answer. */
export const RECEIPT_ANSWER_MS = 10_000;

/** Outcome of a receipt. `failed`: the provider does not support the protocol, or the connection is lost. */
export type ReceiptOutcome = "noted" | "refused" | "unanswered" | "failed";

/** A connection and its negotiated version. */
interface NegotiatedConnection {
  connection: Connection;
  alpn: ReceiptAlpn;
}

export class Receipts {
  readonly #clock: Clock;
  readonly #negotiated: Promise<NegotiatedConnection | null>;
  readonly #closing = new AbortController();
  #isDelivered = false;

  /** Connects in the background, which shows the provider from the start that the receiver is a pli. */
  constructor(clock: Clock, endpoint: Endpoint, provider: EndpointAddress) {
    this.#clock = clock;
    this.#negotiated = negotiate(endpoint, provider, this.#closing.signal);
  }

  /** Whether the provider's QUIC has acknowledged all of the last receipt, and its answer can still come. */
  get isDelivered(): boolean {
    return this.#isDelivered && !this.#closing.signal.aborted;
  }

  /** Sends a receipt. Resolves to its outcome. Never rejects. */
  async send(receipt: Receipt): Promise<ReceiptOutcome> {
    try {
      return await withDeadline(this.#clock, RECEIPT_ANSWER_MS, this.#send(receipt));
    } catch (error) {
      // Without the receipt the download is complete all the same; only the sender's display is less certain.
      return error instanceof DeadlinePassed ? "unanswered" : "failed";
    }
  }

  close(): void {
    this.#closing.abort();
    this.#negotiated.then((negotiated) => negotiated?.connection.close(0));
  }

  async #send(receipt: Receipt): Promise<ReceiptOutcome> {
    this.#isDelivered = false;
    const negotiated = await this.#negotiated;
    if (negotiated === null) return "failed";
    const { send, receive } = await negotiated.connection.openBi();
    await send.write([encodeReceipt(receipt, negotiated.alpn)]);
    await send.finish();
    send.stopped().then((code) => this.#isDelivered = code === null, () => {});
    const [answer] = await new StreamReader(receive, this.#clock).take(1);
    return answer === ReceiptAnswer.NOTED ? "noted" : "refused";
  }
}

/**
 * Tries one version after the other, because a binding offers one ALPN in a handshake. Null if none is supported.
 * After a handshake that failed for another reason the next one is tried in vain, which is accepted.
 */
async function negotiate(
  endpoint: Endpoint,
  provider: EndpointAddress,
  signal: AbortSignal,
): Promise<NegotiatedConnection | null> {
  for (const alpn of RECEIPT_ALPNS) {
    const connection = await endpoint.connect(provider, alpn, signal).catch(() => null);
    if (connection !== null) return { connection, alpn };
    if (signal.aborted) break;
  }
  return null;
}
