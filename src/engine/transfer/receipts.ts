// The receiver's side of receipts (docs/receipt.md). A provider that does not know the protocol refuses the
// connection, and nothing is told: then its sender learns no more than that everything was sent.

import type { Clock, Connection, Endpoint, EndpointAddress } from "../ports.ts";
import { encodeReceipt, type Receipt, RECEIPT_ALPN, ReceiptAnswer } from "../wire/receipt.ts";
import { DeadlinePassed, withDeadline } from "./deadline.ts";
import { StreamReader } from "./stream_reader.ts";

/** How long a receipt may take, from asking for the connection to its answer. */
const ANSWER_MS = 10_000;

export class Receipts {
  readonly #clock: Clock;
  readonly #connection: Promise<Connection | null>;
  readonly #closing = new AbortController();

  /** Connects in the background, so that the provider knows from the start that it serves a pli. */
  constructor(clock: Clock, endpoint: Endpoint, provider: EndpointAddress) {
    this.#clock = clock;
    this.#connection = endpoint.connect(provider, RECEIPT_ALPN, this.#closing.signal).catch(() => null);
  }

  /** Whether the provider has noted the receipt; null when it does not answer, which it should. */
  async tell(receipt: Receipt): Promise<boolean | null> {
    try {
      return await withDeadline(this.#clock, ANSWER_MS, this.#tell(receipt));
    } catch (error) {
      // A lost receipt costs the sender some certainty and the receiver nothing.
      return error instanceof DeadlinePassed ? null : false;
    }
  }

  close(): void {
    this.#closing.abort();
    this.#connection.then((connection) => connection?.close(0));
  }

  async #tell(receipt: Receipt): Promise<boolean> {
    const connection = await this.#connection;
    if (connection === null) return false;
    const { send, receive } = await connection.openBi();
    await send.write([encodeReceipt(receipt)]);
    await send.finish();
    return (await new StreamReader(receive, this.#clock).take(1))[0] === ReceiptAnswer.NOTED;
  }
}
