// What a sender is told while a share is made and served, event by event.

import { type OnEvent, PliError, type Share, type ShareEnd, type TransferEvent } from "../engine/mod.ts";
import type { SendArguments } from "./arguments.ts";
import { jsonEvents } from "./json_events.ts";
import { LeftOut } from "./left_out.ts";
import type { Output, Tone } from "./output.ts";
import { pathInWords, ProgressView } from "./progress_view.ts";
import { ENGLISH, type Words } from "./words.ts";

type Manner = Pick<SendArguments, "keep" | "quiet" | "verbose" | "relay" | "ticketKind">;
/** What is said when it ends or begins, without anything to fill in. */
type KeyAlone =
  | "noRelay"
  | "noRelayHelp"
  | "keepOpen"
  | "keepOpenOnce"
  | "delivered"
  | "sentCompletely"
  | "sentUnverified";
type Delivery = Extract<TransferEvent, { type: "delivered" }>;
type TicketEvent = Extract<TransferEvent, { type: "ticket" }>;

export class SendStory {
  /** Rejects when a file has changed and the share, which is for one receiver, cannot be delivered any more. */
  readonly spoiled: Promise<never>;
  readonly #output: Output;
  readonly #words: Words;
  readonly #manner: Manner;
  readonly #view: ProgressView;
  readonly #json: OnEvent;
  readonly #leftOut: LeftOut;
  readonly #spoil: (error: PliError) => void;
  #ticket: TicketEvent | undefined;
  #delivery: Delivery | undefined;
  #isOver = false;

  constructor(output: Output, manner: Manner) {
    this.#output = output;
    this.#words = output.words;
    this.#leftOut = new LeftOut(output.words);
    this.#manner = manner;
    this.#view = new ProgressView(output);
    this.#json = jsonEvents(output);
    const { promise, reject } = Promise.withResolvers<never>();
    this.spoiled = promise;
    this.#spoil = reject;
    // Nobody may be waiting yet, or any more.
    promise.catch(() => {});
    this.#wait(this.#words.say("hashing"));
  }

  readonly onEvent = (event: TransferEvent): void => {
    // The ticket is shown when it has been remembered.
    if (event.type !== "ticket") this.#json(event);
    switch (event.type) {
      case "hashing":
        return this.#view.count({
          doing: this.#words.say("hashing"),
          bytes: event.bytes,
          totalBytes: event.total,
          files: event.files,
          totalFiles: null,
        });
      case "skipped":
        return this.#leftOut.add(event.name, event.reason);
      case "waiting":
        return event.reason === "relay" ? this.#wait(this.#words.catalogue.waits.relay) : undefined;
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

  /** Prints the ticket, as the result: in a pipe, by the words that sendme has. */
  ticketMade({ ticket, files, bytes }: Share, command: string): void {
    const words = this.#words;
    if (this.#ticket !== undefined) this.#json(this.#ticket);
    this.#leftOut.lines().forEach((line) => this.#output.say(line, "warning"));
    this.#output.say(words.say("amount", { files: words.files(files), size: words.size(bytes) }));
    if (this.#manner.quiet) return this.#output.result(ticket);
    this.#output.result((this.#output.isResultSeen ? words : ENGLISH).say("getData"));
    this.#output.result(command);
  }

  /** Says how long this has to stay open. */
  serving(): void {
    const { keep, relay, ticketKind } = this.#manner;
    const wantsRelay = relay !== "disabled" && ticketKind !== "addresses";
    if (wantsRelay && this.#ticket?.relayReached === false) {
      this.#say(ticketKind === "relay" ? "noRelay" : "noRelayHelp", "warning");
    }
    this.#say(keep ? "keepOpen" : "keepOpenOnce", "plain");
    this.#wait(this.#words.say("awaitingReceiver"));
  }

  /** Says how it ended, and that it may be closed. */
  ended(end: ShareEnd): void {
    this.#isOver = true;
    this.#output.clearProgress();
    if (end === "sent") {
      this.#say("sentCompletely", "good");
      this.#say("sentUnverified", "faint");
      return;
    }
    const [got, all] = [this.#delivery?.files, this.#ticket?.files];
    if (got === undefined || all === undefined || got >= all) return this.#say("delivered", "good");
    const files = this.#words.say("filesOf", { done: got, count: all });
    this.#output.say(this.#words.say("deliveredPart", { files }), "good");
  }

  #say(key: KeyAlone, tone: Tone): void {
    this.#output.say(this.#words.say(key), tone);
  }

  #wait(reason: string): void {
    this.#view.wait(this.#words.say("waiting", { reason }));
  }

  #receiver({ id, state }: Extract<TransferEvent, { type: "receiver" }>): void {
    const who = { id: shortId(id) };
    if (state === "connected") this.#output.say(this.#words.say("receiverConnected", who));
    if (state === "receiving") this.#output.say(this.#words.say("receiverReceiving", who));
    if (state === "gone" && !this.#isOver && this.#delivery?.id !== id) {
      this.#output.say(this.#words.say("receiverGone", who));
    }
  }

  #path(event: Extract<TransferEvent, { type: "path" }>): void {
    if (!this.#view.follow(event)) return;
    const path = pathInWords(event, this.#words, this.#manner.verbose);
    this.#output.say(this.#words.say("receiverPath", { id: shortId(event.id), path }));
  }

  #sourceChanged(name: string): void {
    if (!this.#manner.keep) return this.#spoil(new PliError("source_changed", { name }));
    this.#output.insist(this.#words.say("changedMeanwhile", { name }), "warning");
  }

  /** Said to those only who want to hear everything: there is nothing that a user can do about it. */
  #answerFailed({ id, reason }: Extract<TransferEvent, { type: "answer_failed" }>): void {
    if (!this.#manner.verbose) return;
    this.#output.say(this.#words.say("answerFailed", { id: shortId(id), what: reason }), "warning");
  }

  #delivered(event: Delivery): void {
    this.#delivery = event;
    if (!this.#manner.keep) return;
    const words = this.#words;
    const amount = { files: words.files(event.files), size: words.size(event.bytes) };
    this.#output.say(words.say("deliveredTo", { id: shortId(event.id), ...amount }), "good");
  }
}

/** Enough of an endpoint's id to tell receivers apart. */
function shortId(id: string): string {
  return id.slice(0, 10);
}
