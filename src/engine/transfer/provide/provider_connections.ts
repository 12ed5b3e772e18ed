// The connections of a share: how many each id has, which are closed to make room or because they were never served,
// and which network paths they use.

import type { OnEvent } from "../../events.ts";
import type { Clock, Connection } from "../../ports.ts";
import { Admission, UNSERVED_MS } from "./admission.ts";
import { closedSignal } from "../closed_signal.ts";
import { drained } from "./drain.ts";
import { watchPath } from "../path_watch.ts";

export class ProviderConnections {
  readonly #clock: Clock;
  readonly #onEvent: OnEvent;
  readonly #open = new Set<Connection>();
  readonly #admission = new Admission<Connection>();
  /** The connections for data of each receiver, by its id; the newest last. */
  readonly #receivers = new Map<string, Connection[]>();

  constructor(clock: Clock, onEvent: OnEvent) {
    this.#clock = clock;
    this.#onEvent = onEvent;
  }

  /** Whether the id has a connection for data. */
  hasReceiver(id: string): boolean {
    return this.#receivers.has(id);
  }

  /**
   * Adds a connection, closes those that it displaces, and watches it. Resolves when it is closed; `leave` must
   * follow.
   *
   * @param isForData whether it is for blobs
   * @param holderId the receiver that has claimed the share
   */
  async enter(connection: Connection, id: string, isForData: boolean, holderId?: string): Promise<void> {
    const dismissed = this.#admission.enter(connection, id, this.#clock.nowMs(), holderId);
    this.#open.add(connection);
    if (isForData && !this.hasReceiver(id)) this.#onEvent({ type: "receiver", id, state: "connected" });
    if (isForData) this.#receivers.set(id, [...this.#receivers.get(id) ?? [], connection]);
    dismissed.forEach((other) => other.close(0));
    const path = isForData ? this.#watchPath(connection, id) : undefined;
    await this.#closeUnserved(connection, id);
    await path;
  }

  /** Removes a closed connection, of which all answers have ended. */
  leave(connection: Connection, id: string, isForData: boolean): void {
    this.#admission.leave(connection, id);
    this.#open.delete(connection);
    if (!isForData) return;
    const left = this.#receivers.get(id)!.filter((other) => other !== connection);
    if (left.length === 0) this.#receivers.delete(id);
    else this.#receivers.set(id, left);
  }

  /** Notes that the id was sent data that only a receiver requests. */
  served(id: string): void {
    this.#admission.served(id, this.#clock.nowMs());
  }

  /** Runs an answer to the id. */
  async whileAnswering(id: string, answer: Promise<void>): Promise<void> {
    this.#admission.began(id);
    try {
      await answer;
    } finally {
      this.#admission.ended(id);
    }
  }

  /** Resolves when the receivers have closed their connections, or after a short wait. Never rejects. */
  drained(): Promise<void> {
    return drained(this.#open, this.#clock);
  }

  /** Reports the path of the receiver's newest connection: an older one may be lost without being closed yet. */
  #watchPath(connection: Connection, id: string): Promise<void> {
    const isNewest = () => this.#receivers.get(id)?.at(-1) === connection;
    return watchPath(connection, this.#clock, this.#onEvent, isNewest);
  }

  /** Resolves when the connection is closed; closes it if its id is unserved. */
  async #closeUnserved(connection: Connection, id: string): Promise<void> {
    const closed = closedSignal(connection);
    try {
      do await this.#clock.sleep(UNSERVED_MS, closed); while (!this.#admission.isUnserved(id));
      connection.close(0);
    } catch {
      // The sleep was ended because the connection is closed.
    }
  }
}
