// One direction of a stream in virtual time, both ends of it.

import { ByteQueue } from "../../src/engine/bytes/byte_queue.ts";
import { PliError } from "../../src/engine/errors.ts";
import type { Backlog, ReceiveStream, SendStream } from "../../src/engine/ports.ts";
import type { Process } from "./process.ts";
import type { SimulatedClock } from "./simulated_clock.ts";

/** Bytes that a stream takes before its reader has read them. */
const WINDOW_BYTES = 256 * 1024;

/** The interface of a pipe to its network. */
export interface Line {
  readonly clock: SimulatedClock;
  readonly latencyMs: number;
  readonly bytesPerMs: number;
  readonly packetBytes: number;
  readonly stalledUntilMs: number;
  /** Called with each packet; returns the part of it that arrives. */
  sent(bytes: Uint8Array): Uint8Array;
}

type End = { kind: "open" } | { kind: "finished" } | { kind: "reset"; code: number };

export class SimulatedPipe implements SendStream, ReceiveStream {
  takenBytes = 0;
  receivedBytes = 0;
  readonly #queue = new ByteQueue();
  #wanted = 0;
  #inFlightBytes = 0;
  /** In order of their arrival. */
  readonly #onTheWay: (() => void)[] = [];
  /** Time of the last arrival: packets are not reordered. */
  #lastArrivalMs = 0;
  /** The end as the writer set it, and as the reader has seen it. */
  #sentEnd: End = { kind: "open" };
  #arrivedEnd: End = { kind: "open" };
  #stopCode: number | undefined;
  #isBroken = false;
  #isWriterLost = false;
  #isReaderLost = false;
  #wake: (() => void)[] = [];

  /** @param backlog of the writer's connection */
  constructor(
    readonly line: Line,
    readonly writer: Process,
    readonly reader: Process,
    readonly backlog: Backlog,
  ) {}

  write(parts: readonly Uint8Array[]): Promise<void> {
    return this.writer.own(this.#write(parts));
  }

  async #write(parts: readonly Uint8Array[]): Promise<void> {
    const { packetBytes } = this.line;
    for (const part of parts) {
      for (let start = 0; start < part.length; start += packetBytes) {
        await this.#send(part.slice(start, start + packetBytes));
      }
    }
  }

  async #send(packet: Uint8Array): Promise<void> {
    for (;;) {
      if (this.#stopCode !== undefined) throw new PliError("stream_reset", { streamCode: this.#stopCode });
      if (this.#isWriterLost || this.#sentEnd.kind !== "open") throw new PliError("connection_lost", {});
      if (this.#queue.length + this.#inFlightBytes < Math.max(WINDOW_BYTES, this.#wanted)) break;
      await this.#change();
    }
    this.takenBytes += packet.length;
    this.#inFlightBytes += packet.length;
    this.backlog.heldBytes += packet.length;
    const arriving = this.line.sent(packet);
    this.#arrive(packet.length / this.line.bytesPerMs, () => {
      this.#inFlightBytes -= packet.length;
      this.backlog.heldBytes -= packet.length;
      this.backlog.releasedBytes += packet.length;
      this.receivedBytes += arriving.length;
      this.#queue.push(arriving);
      // The rest of the packet and everything after it is lost, because of the cut.
      if (arriving.length < packet.length) this.breakOff();
    });
  }

  finish(): Promise<void> {
    return this.#endWith({ kind: "finished" });
  }

  reset(code: number): void {
    this.#endWith({ kind: "reset", code });
  }

  #endWith(end: End): Promise<void> {
    if (this.writer.isAlive && this.#sentEnd.kind === "open") {
      this.#sentEnd = end;
      this.#arrive(0, () => this.#arrivedEnd = end);
      this.#changed();
    }
    return this.writer.own(Promise.resolve());
  }

  stopped(): Promise<number | null> {
    return this.writer.own(this.#stopped());
  }

  async #stopped(): Promise<number | null> {
    for (;;) {
      if (this.#stopCode !== undefined) return this.#stopCode;
      if (this.#isWriterLost) throw new PliError("connection_lost", {});
      if (this.#arrivedEnd.kind === "finished") return null;
      await this.#change();
    }
  }

  ready(count: number): Promise<number> {
    return this.reader.own(this.#ready(count));
  }

  async #ready(count: number): Promise<number> {
    this.#wanted = count;
    this.#changed();
    for (;;) {
      const end = this.#arrivedEnd;
      if (end.kind === "reset") throw new PliError("stream_reset", { streamCode: end.code });
      if (this.#queue.length >= count || end.kind === "finished") return this.#queue.length;
      if (this.#isReaderLost) throw new PliError("connection_lost", {});
      await this.#change();
    }
  }

  take(into: readonly Uint8Array[]): void {
    this.#queue.take(into);
    this.#wanted = 0;
    this.#changed();
  }

  stop(code: number): void {
    const { clock, latencyMs } = this.line;
    if (!this.reader.isAlive) return;
    clock.timer(latencyMs, () => {
      if (this.#isBroken) return;
      this.#stopCode ??= code;
      this.#changed();
    });
  }

  /** Nothing arrives any more. */
  breakOff(): void {
    this.#isBroken = true;
  }

  loseWriter(): void {
    this.#isWriterLost = true;
    this.#changed();
  }

  loseReader(): void {
    this.#isReaderLost = true;
    this.#changed();
  }

  /** Runs an action when what is sent now arrives, after everything that was sent before. */
  #arrive(sendingMs: number, act: () => void): void {
    const { clock, latencyMs, stalledUntilMs } = this.line;
    const sentMs = Math.max(clock.nowMs(), this.#lastArrivalMs - latencyMs);
    this.#lastArrivalMs = Math.max(sentMs + sendingMs + latencyMs, stalledUntilMs);
    this.#onTheWay.push(act);
    clock.timer(this.#lastArrivalMs - clock.nowMs(), () => this.#deliver());
  }

  #deliver(): void {
    const { clock, stalledUntilMs } = this.line;
    if (this.#isBroken) return;
    // A stall that started after it was sent delays it too.
    if (stalledUntilMs > clock.nowMs()) {
      return void clock.timer(stalledUntilMs - clock.nowMs(), () => this.#deliver());
    }
    this.#onTheWay.shift()?.();
    this.#changed();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#wake.push(resolve));
  }

  #changed(): void {
    const waiting = this.#wake;
    this.#wake = [];
    for (const wake of waiting) wake();
  }
}
