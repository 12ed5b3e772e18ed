// The receiver's side of receipts (docs/receipt.md). A provider that does not know the protocol refuses the
// connection, and nothing is told: then its sender learns no more than that everything was sent.

import type { Connection, Endpoint, EndpointAddress } from "../ports.ts";
import { encodeReceipt, type Receipt, RECEIPT_ALPN, ReceiptAnswer } from "../wire/receipt.ts";
import { StreamReader } from "./stream_reader.ts";

export class Receipts {
  readonly #connection: Promise<Connection | null>;

  /** Connects in the background, so that the provider knows from the start that it serves a pli. */
  constructor(endpoint: Endpoint, provider: EndpointAddress, signal?: AbortSignal) {
    this.#connection = endpoint.connect(provider, RECEIPT_ALPN, signal).catch(() => null);
  }

  /** Whether the provider has noted the receipt. */
  async tell(receipt: Receipt): Promise<boolean> {
    const connection = await this.#connection;
    if (connection === null) return false;
    try {
      const { send, receive } = await connection.openBi();
      await send.write(encodeReceipt(receipt));
      await send.finish();
      return (await new StreamReader(receive).take(1))[0] === ReceiptAnswer.NOTED;
    } catch {
      // A lost receipt costs the sender some certainty and the receiver nothing.
      return false;
    }
  }

  async close(): Promise<void> {
    (await this.#connection)?.close(0);
  }
}
