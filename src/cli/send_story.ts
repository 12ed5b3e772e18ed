// What a sender is told while a share is made and served, event by event.

import { type OnEvent, PliError, type Share, type ShareEnd, type TransferEvent } from "../engine/mod.ts";
import type { SendArguments } from "./arguments.ts";
import { jsonEvents } from "./json_events.ts";
import { LeftOut } from "./left_out.ts";
import type { Output } from "./output.ts";
import { pathInWords, ProgressView } from "./progress_view.ts";
import { countInWords, sizeInWords } from "./words.ts";

type Manner = Pick<SendArguments, "keep" | "quiet" | "verbose" | "relay" | "ticketKind">;
type Delivery = Extract<TransferEvent, { type: "delivered" }>;
type TicketEvent = Extract<TransferEvent, { type: "ticket" }>;

export class SendStory {
  /** Rejects when a file has changed and the share, which is for one receiver, cannot be delivered any more. */
  readonly spoiled: Promise<never>;
  readonly #output: Output;
  readonly #manner: Manner;
  readonly #view: ProgressView;
  readonly #json: OnEvent;
  readonly #leftOut = new LeftOut();
  readonly #spoil: (error: PliError) => void;
  #ticket: TicketEvent | undefined;
  #delivery: Delivery | undefined;
  #isOver = false;

  constructor(output: Output, manner: Manner) {
    this.#output = output;
    this.#manner = manner;
    this.#view = new ProgressView(output);
    this.#json = jsonEvents(output);
    const { promise, reject } = Promise.withResolvers<never>();
    this.spoiled = promise;
    this.#spoil = reject;
    // Nobody may be waiting yet, or any more.
    promise.catch(() => {});
    this.#view.wait("Hashing…");
  }

  readonly onEvent = (event: TransferEvent): void => {
    // The ticket is shown when it has been remembered.
    if (event.type !== "ticket") this.#json(event);
    switch (event.type) {
      case "hashing":
        return this.#view.count({
          doing: "Hashing",
          bytes: event.bytes,
          totalBytes: event.total,
          files: event.files,
          totalFiles: null,
        });
      case "skipped":
        return this.#leftOut.add(event.name, event.reason);
      case "waiting":
        return event.reason === "relay" ? this.#view.wait("Waiting for a relay…") : undefined;
      case "ticket":
        this.#ticket = event;
        return;
      case "receiver":
        return this.#receiver(event);
      case "path":
        return this.#path(event);
      case "progress":
        return this.#view.transfer(event, this.#ticket?.files ?? null);
      case "source_changed":
        return this.#sourceChanged(event.name);
      case "answer_failed":
        return this.#answerFailed(event);
      case "delivered":
        return this.#delivered(event);
    }
  };

  /** Prints the ticket, as the result. */
  ticketMade({ ticket, files, bytes }: Share, command: string): void {
    if (this.#ticket !== undefined) this.#json(this.#ticket);
    this.#leftOut.lines("Not sent").forEach((line) => this.#output.say(line, "warning"));
    this.#output.say(`${countInWords(files, "file")}, ${sizeInWords(bytes)}`);
    if (this.#manner.quiet) return this.#output.result(ticket);
    this.#output.result("to get this data, use");
    this.#output.result(command);
  }

  /** Says how long this has to stay open. */
  serving(): void {
    const { keep, relay, ticketKind } = this.#manner;
    const wantsRelay = relay !== "disabled" && ticketKind !== "addresses";
    if (wantsRelay && this.#ticket?.relayReached === false) {
      this.#output.say(
        ticketKind === "relay"
          ? "No relay was reached: this ticket works only in this network."
          : "No relay was reached: receivers in other networks may not get through.",
        "warning",
      );
    }
    this.#output.say(
      keep
        ? "Keep this open for as long as it is to be received; Ctrl-C ends it."
        : "Keep this open until one receiver has everything; it ends by itself.",
    );
    this.#view.wait("Waiting for a receiver…");
  }

  /** Says how it ended, and that it may be closed. */
  ended(end: ShareEnd): void {
    this.#isOver = true;
    this.#output.clearProgress();
    if (end === "sent") {
      this.#output.say("Sent completely: the receiver took every byte. This may be closed.", "good");
      this.#output.say("Whether it has verified them, its program does not tell.", "faint");
      return;
    }
    const [got, all] = [this.#delivery?.files, this.#ticket?.files];
    const part = got !== undefined && all !== undefined && got < all
      ? ` (${got} of ${countInWords(all, "file")}, all that it wanted)`
      : "";
    this.#output.say(`Delivered: the receiver has verified everything${part}. This may be closed.`, "good");
  }

  #receiver({ id, state }: Extract<TransferEvent, { type: "receiver" }>): void {
    if (state === "connected") this.#output.say(`${shortId(id)} connected.`);
    if (state === "receiving") this.#output.say(`${shortId(id)} is receiving.`);
    if (state === "gone" && !this.#isOver && this.#delivery?.id !== id) {
      this.#output.say(`${shortId(id)} has left. It can come back: the ticket stays valid.`);
    }
  }

  #path(event: Extract<TransferEvent, { type: "path" }>): void {
    if (!this.#view.follow(event)) return;
    const time = this.#manner.verbose ? `, ${Math.round(event.rttMs)} ms` : "";
    this.#output.say(`${shortId(event.id)} is connected: ${pathInWords(event)}${time}.`);
  }

  #sourceChanged(name: string): void {
    if (!this.#manner.keep) return this.#spoil(new PliError("source_changed", { name }));
    this.#output.insist(
      `${name} was changed after its ticket was made, and is not sent any more.`,
      "warning",
    );
  }

  /** Said to those only who want to hear everything: there is nothing that a user can do about it. */
  #answerFailed({ id, reason }: Extract<TransferEvent, { type: "answer_failed" }>): void {
    if (!this.#manner.verbose) return;
    this.#output.say(`A mistake in pli ended an answer to ${shortId(id)}: ${reason}`, "warning");
  }

  #delivered(event: Delivery): void {
    this.#delivery = event;
    if (!this.#manner.keep) return;
    const { id, files, bytes } = event;
    this.#output.say(
      `Delivered to ${shortId(id)}: ${countInWords(files, "file")}, ${sizeInWords(bytes)}.`,
      "good",
    );
  }
}

/** Enough of an endpoint's id to tell receivers apart. */
function shortId(id: string): string {
  return `Receiver ${id.slice(0, 10)}`;
}
