// A peer of the provider: an id, and its part of the byte budget that all answers of a share have together, in every
// protocol. Its reads, writes and acknowledgements have a minimum throughput, which is higher while the peer holds
// bytes that others are queued for.

import { hexOf } from "../../hex.ts";
import type { Clock, Connection, ReceiveStream, SendStream } from "../../ports.ts";
import { BudgetClient, type ByteBudget } from "./byte_budget.ts";
import { closedSignal } from "../closed_signal.ts";
import {
  CONTENDED_ACKNOWLEDGED,
  CONTENDED_AFTER_MS,
  CONTENDED_THROUGHPUT,
  MINIMUM_ACKNOWLEDGED,
  MINIMUM_THROUGHPUT,
  type MinimumThroughput,
  whileMoving,
} from "../deadline.ts";
import { StreamReader } from "../stream_reader.ts";
import { StreamWriter } from "../stream_writer.ts";

/** Size of the pieces in which bytes in memory are handed to a stream. */
const PIECE_BYTES = 64 * 1024;
/** Interval at which acknowledgements are checked. */
const CHECK_MS = 500;
const IDLE_CHECK_MS = 5_000;

export class Peer {
  readonly id: string;
  readonly memory: BudgetClient;
  /** Whether it has proved that it has the ticket, by naming its hash. */
  hasTicket = false;

  constructor(readonly connection: Connection, readonly clock: Clock, readonly budget: ByteBudget) {
    this.id = hexOf(connection.remoteId);
    this.memory = new BudgetClient(budget, () => connection.backlog().heldBytes);
  }

  reader(stream: ReceiveStream): StreamReader {
    return new StreamReader(stream, this.clock, this.#throughput);
  }

  writer(stream: SendStream): StreamWriter {
    return new StreamWriter(stream, this.clock, this.#throughput);
  }

  /** Writes bytes in pieces, each when the budget has room for it. Throws as a StreamWriter. */
  async write(stream: SendStream, bytes: Uint8Array): Promise<void> {
    const writer = this.writer(stream);
    for (let start = 0; start < bytes.length; start += PIECE_BYTES) {
      const piece = bytes.subarray(start, start + PIECE_BYTES);
      await this.memory.reserve(piece.length);
      try {
        await writer.write([piece]);
        await writer.flush();
      } finally {
        this.memory.release(piece.length);
      }
    }
  }

  /**
   * Ends a stream. Resolves to null when the peer has acknowledged everything, or to the code with which it stopped
   * reading. Throws DeadlinePassed when nothing is acknowledged for too long, `connection_lost`.
   */
  async finish(stream: SendStream): Promise<number | null> {
    await stream.finish();
    const releasedBytes = () => this.connection.backlog().releasedBytes;
    return await whileMoving(this.clock, this.#acknowledged, stream.stopped(), releasedBytes);
  }

  /** Closes the connection if its peer does not acknowledge in time. Resolves when it is closed. */
  async closeWhenSilent(): Promise<void> {
    const { clock, connection } = this;
    const closed = closedSignal(connection);
    let [markBytes, markMs] = [0, clock.nowMs()];
    while (!closed.aborted) {
      const { heldBytes, releasedBytes } = connection.backlog();
      const { bytes, withinMs } = this.#acknowledged();
      if (heldBytes === 0 || releasedBytes - markBytes >= bytes) {
        [markBytes, markMs] = [releasedBytes, clock.nowMs()];
      } else if (clock.nowMs() - markMs >= withinMs) return connection.close(0);
      await clock.sleep(heldBytes === 0 ? IDLE_CHECK_MS : CHECK_MS, closed).catch(() => {});
    }
  }

  readonly #throughput = (): MinimumThroughput =>
    this.#isContended ? CONTENDED_THROUGHPUT : MINIMUM_THROUGHPUT;

  readonly #acknowledged = (): MinimumThroughput =>
    this.#isContended ? CONTENDED_ACKNOWLEDGED : MINIMUM_ACKNOWLEDGED;

  /** Whether it holds bytes of the budget that others are queued for. */
  get #isContended(): boolean {
    return this.memory.heldBytes > 0 && this.budget.queuedBesidesMs(this.memory) >= CONTENDED_AFTER_MS;
  }
}
