// The terminal's report of a share: ticket, receivers, skipped and lost files, and the outcome. It renders the view
// and the event that changed it, and stores neither. The progress line shows one receiver: the one that began first,
// with its id if there are several.

import { encode } from "uqr";
import { isShareOver } from "../../app/transfers/share_states.ts";
import type { ShareChange } from "../../app/transfers/share_transfer.ts";
import type { ReceiverView, ShareView, Skipped } from "../../app/views.ts";
import { type EventOf, hostsOf, isMissing, type OnEvent, type TicketKind } from "../../engine/mod.ts";
import { ENGLISH, type Words } from "../words.ts";
import { type FailureWords, jsonEvents, type Output, type Tone } from "./output.ts";
import { pathInWords, ProgressDisplay } from "./progress.ts";

/** Options of the report. */
export interface ShareReportOptions {
  keep: boolean;
  ticket: TicketKind;
  quiet: boolean;
  verbose: boolean;
}

/** Keys of sentences without parameters. */
type KeyAlone =
  | "noRelayHelp"
  | "keepOpen"
  | "keepOpenOnce"
  | "delivered"
  | "sentCompletely"
  | "sentUnverified";

/** A receiver that has everything requests one chunk before its receipt. */
const CHUNK_BYTES = 1024;
const LEFT_OUT_SHOWN = 5;

export class ShareReport {
  readonly #output: Output;
  readonly #words: Words;
  readonly #options: ShareReportOptions;
  readonly #progress: ProgressDisplay;
  readonly #json: OnEvent;

  constructor(output: Output, options: ShareReportOptions, nowMs: () => number = () => performance.now()) {
    this.#output = output;
    this.#words = output.words;
    this.#options = options;
    this.#progress = new ProgressDisplay(output, nowMs);
    this.#json = jsonEvents(output, nowMs);
    this.#wait(this.#words.say("hashing"));
  }

  /** Reports a change. Changes after the end are only printed as JSON lines. */
  readonly show = (change: ShareChange): void => {
    const { before, view } = change;
    this.#showJson(change);
    if (isShareOver(before.state)) return;
    if (isShareOver(view.state)) {
      this.#output.json({ type: "ended", state: view.state });
      return this.#ended(view);
    }
    this.#showEvent(change);
  };

  /** Prints how long pli must stay open, unless the share has ended. */
  serving({ state, keep }: ShareView, ticket: EventOf<"ticket">): void {
    if (isShareOver(state)) return;
    if (ticket.relayMissed) {
      if (ticket.addresses.length === 0) this.#say("noRelayHelp", "warning");
      else if (this.#options.ticket !== "addresses") {
        this.#output.say(withoutRelay(ticket, this.#words), "warning");
      }
    }
    this.#say(keep ? "keepOpen" : "keepOpenOnce", "plain");
    this.#wait(this.#words.say("awaitingReceiver"));
  }

  /** An event with the figures of the view, which terminal and page show too. */
  #showJson({ input, view }: ShareChange): void {
    switch (input.type) {
      case "hashing":
        return this.#json({ ...input, bytes: view.doneBytes, total: view.bytes, files: view.files });
      case "progress":
      case "stalled": {
        const receiver = view.receivers.find(({ id }) => id === input.id);
        if (receiver === undefined) return;
        const { bytes, files } = receiver;
        return this.#json(input.type === "stalled" ? input : { ...input, bytes, files });
      }
      case "refused":
        return this.#output.json({ ...input, ...refusalInWords(input, ENGLISH) });
      case "ended":
      case "failed":
      case "stop":
        return;
      default:
        return this.#json(input);
    }
  }

  #showEvent({ input, before, view }: ShareChange): void {
    switch (input.type) {
      case "hashing": {
        const { doneBytes: bytes, bytes: totalBytes, files, bytesPerSecond } = view;
        return this.#progress.hash({ bytes, totalBytes, files, bytesPerSecond });
      }
      case "skipped":
        return this.#skipped(input);
      case "waiting":
        return input.reason === "relay" ? this.#wait(this.#words.catalogue.waits.relay) : undefined;
      case "ticket":
        return this.#ticketMade(view, input.ticket);
      case "receiver":
        return this.#receiver(input, before, view);
      case "refused":
        return this.#refusal(input);
      case "path":
        return this.#path(input, before);
      case "progress":
      case "stalled":
        return this.#receiverMoved(input, view);
      case "source_changed":
        return this.#output.sayDespiteQuiet(
          this.#words.say("changedMeanwhile", { name: input.name }),
          "warning",
        );
      case "all_lost":
        // Any other share ends by it, with an error.
        return view.keep ? this.#output.sayDespiteQuiet(this.#words.say("allLost"), "warning") : undefined;
      case "answer_failed":
        return this.#answerFailed(input);
      case "delivered":
        return view.keep ? this.#deliveredToOne(view) : undefined;
      // Reported as the state after it, or not at all.
      case "claimed":
      case "sent":
      case "ended":
      case "failed":
      case "stop":
        return;
      // Of a download.
      case "manifest":
      case "checking":
      case "space_short":
      case "inodes_short":
      case "volume_crossed":
      case "staging_refused":
      case "addresses_cut":
      case "renamed":
      case "source_lost":
      case "done":
        return;
      default:
        input satisfies never;
    }
  }

  /** Prints the ticket as the result: in a pipe with the text that sendme prints. */
  #ticketMade({ files, bytes, skipped }: ShareView, ticket: string): void {
    const words = this.#words;
    this.#leftOut(skipped);
    this.#output.say(words.say("amount", { files: words.files(files), size: words.size(bytes) }));
    if (this.#options.quiet) return this.#output.result(ticket);
    this.#output.result((this.#output.isResultSeen ? words : ENGLISH).say("getData"));
    this.#output.result(receiveCommand(ticket));
  }

  /** Prints the outcome, and that pli may be closed. The command reports a failure. */
  #ended(view: ShareView): void {
    const { state, delivery, ticket, skipped, missing } = view;
    this.#progress.moved();
    this.#output.clearProgress();
    if (state === "failed" && ticket === null) this.#leftOut(skipped);
    switch (state) {
      case "delivered":
        this.#delivered(view);
        break;
      case "partial":
        this.#endedInPart(delivery);
        break;
      case "sent":
        this.#say("sentCompletely", "good");
        this.#say("sentUnverified", "faint");
        break;
      case "failed":
      case "stopped":
      // Not ended.
      case "staging":
      case "hashing":
      case "serving":
        return;
      default:
        state satisfies never;
    }
    if (missing > 0) this.#output.say(this.#words.say("withoutMissing", { count: missing }), "warning");
  }

  #delivered({ delivery, files, bytes }: ShareView): void {
    if (delivery !== null && delivery.files < files) {
      const part = this.#words.say("filesOf", { done: delivery.files, count: files });
      this.#output.say(this.#words.say("deliveredPart", { files: part }), "good");
    } else if (delivery !== null && delivery.bytes < bytes) {
      const sent = this.#words.size(delivery.bytes);
      const sentence = delivery.bytes <= CHUNK_BYTES ? "deliveredHad" : "deliveredRest";
      this.#output.say(this.#words.say(sentence, { sent }), "good");
    } else this.#say("delivered", "good");
  }

  #endedInPart(delivery: ShareView["delivery"]): void {
    const words = this.#words;
    const { files = 0, lostNames = [], lostFiles = 0 } = delivery ?? {};
    const names = words.listed(lostNames, lostFiles);
    this.#output.sayDespiteQuiet(words.say("deliveredLacking", { files: words.files(files), names }), "bad");
    this.#output.sayDespiteQuiet(words.catalogue.advice.leaveAlone);
  }

  #deliveredToOne({ delivery }: ShareView): void {
    const words = this.#words;
    const { id, files, bytes, lostFiles, lostNames } = delivery!;
    const amount = { files: words.files(files), size: words.size(bytes) };
    this.#output.say(words.say("deliveredTo", { id: shortId(id), ...amount }), "good");
    if (lostFiles === 0) return;
    const names = words.listed(lostNames, lostFiles);
    this.#output.sayDespiteQuiet(words.say("notDeliveredTo", { id: shortId(id), names }), "warning");
  }

  #receiver({ id, state }: EventOf<"receiver">, before: ShareView, { isAllLost, refusals }: ShareView): void {
    const who = { id: shortId(id) };
    if (state === "connected") this.#output.say(this.#words.say("receiverConnected", who));
    if (state === "receiving") this.#output.say(this.#words.say("receiverReceiving", who));
    const hasAll = before.receivers.some((receiver) => receiver.id === id && receiver.hasAll);
    const isRefused = refusals.some((refusal) => refusal.id === id);
    if (state === "gone" && !isAllLost && !hasAll && !isRefused) {
      this.#output.say(this.#words.say("receiverGone", who));
    }
  }

  /** Draws the progress of the receiver that is shown. */
  #receiverMoved({ id }: EventOf<"progress" | "stalled">, { receivers, bytes, files }: ShareView): void {
    const [shown, ...others] = receivers.filter(isTaking);
    if (shown?.id !== id) return;
    const label = others.length > 0 ? shortId(id) : null;
    const about = { side: "sending", label, totalFiles: files, path: shown.path } as const;
    this.#progress.transfer({ ...shown, totalBytes: bytes }, about);
  }

  /** Reports who was refused, the reason, and advice. */
  #refusal(refusal: EventOf<"refused">): void {
    const { message, advice } = refusalInWords(refusal, this.#words);
    this.#output.say(message, "warning");
    this.#output.say(advice);
  }

  #path(path: EventOf<"path">, before: ShareView): void {
    const earlier = before.receivers.find(({ id }) => id === path.id)?.path;
    const hasChanged = !earlier || pathInWords(earlier, this.#words) !== pathInWords(path, this.#words);
    if (!hasChanged) return;
    const inWords = pathInWords(path, this.#words, this.#options.verbose);
    this.#output.say(this.#words.say("receiverPath", { id: shortId(path.id), path: inWords }));
  }

  /** Printed only with -v, because the user cannot do anything about it. */
  #answerFailed({ id, reason }: EventOf<"answer_failed">): void {
    if (!this.#options.verbose) return;
    this.#output.say(this.#words.say("answerFailed", { id: shortId(id), what: reason }), "warning");
  }

  /** With -v each name has a line of its own. */
  #skipped({ name, reason }: EventOf<"skipped">): void {
    if (!this.#options.verbose) return;
    this.#output.say(`  ${name} (${this.#words.catalogue.skips[reason]})`, "warning");
  }

  /** Reports what is not sent, also with -q, unless --exclude is the only reason. */
  #leftOut(skipped: readonly Skipped[]): void {
    if (skipped.length === 0) return;
    const line = leftOutInWords(skipped, this.#words, this.#options.verbose);
    if (skipped.every(({ reason }) => reason === "excluded")) this.#output.say(line, "warning");
    else this.#output.sayDespiteQuiet(line, "warning");
  }

  #say(key: KeyAlone, tone: Tone): void {
    this.#output.say(this.#words.say(key), tone);
  }

  #wait(reason: string): void {
    this.#progress.wait(this.#words.say("waiting", { reason }));
  }
}

/** The command line that receives a share. */
export function receiveCommand(ticket: string): string {
  return `pli receive ${ticket}`;
}

function isTaking({ state, hasAll }: ReceiverView): boolean {
  return state === "receiving" && !hasAll;
}

/** The addresses of a ticket without a relay, and what they mean. */
function withoutRelay({ addresses }: EventOf<"ticket">, words: Words): string {
  const { withoutRelay } = words.catalogue;
  const hosts = hostsOf(addresses);
  if (hosts.length === 0) return withoutRelay.none;
  const sentence = hosts.length === 1 ? withoutRelay.address : withoutRelay.addresses;
  return words.fill(sentence, { addresses: hosts.join(", ") });
}

function refusalInWords({ id, reason, holder }: EventOf<"refused">, words: Words): FailureWords {
  const { refusals, advice } = words.catalogue;
  const who = { id: shortId(id), holder: shortId(holder ?? "") };
  return { message: words.fill(refusals[reason], who), advice: advice.anotherTicket };
}

/** A prefix of an endpoint's id that distinguishes receivers. */
function shortId(id = ""): string {
  return id.slice(0, 10);
}

/**
 * The number of skipped names with their reasons and, unless they were listed, the first names, unintended ones first.
 */
function leftOutInWords(skipped: readonly Skipped[], words: Words, isListed: boolean): string {
  const { skips } = words.catalogue;
  const count = skipped.reduce((sum, { count }) => sum + count, 0);
  const reasons = skipped.map(({ reason, count }) =>
    words.say("reasonCount", { reason: skips[reason], count })
  );
  const counted = words.say("notSentCount", { count, reasons: reasons.join(", ") });
  if (isListed) return counted;
  const all = skipped.flatMap(({ reason, names }) => names.map((name) => ({ name, reason })));
  const first = [...all.filter(isMissing), ...all.filter((left) => !isMissing(left))].slice(
    0,
    LEFT_OUT_SHOWN,
  );
  if (count <= LEFT_OUT_SHOWN) {
    const named = first.map(({ name, reason }) => `${name} (${skips[reason]})`);
    return words.say("notSent", { names: named.join(", ") });
  }
  const names = first.map(({ name }) => name).join(", ");
  return words.say("notSentFirst", { counted, names, more: count - LEFT_OUT_SHOWN });
}

/** The light border of a QR code; the standard requires 4, readers accept 2. */
const BORDER = 2;
const BLACK_ON_WHITE = "\x1b[38;5;16;48;5;231m";
const RESET = "\x1b[0m";

/**
 * The lines of a QR code, two rows of modules in one line; null if they are wider than the window. With colours it is
 * black on white, so that it scans on dark and light backgrounds; without, the characters are the light modules,
 * because most terminals are dark.
 */
export function qrLines(text: string, columns: number, isColored: boolean): string[] | null {
  const { data, size } = encode(text, { border: BORDER });
  if (size > columns) return null;
  const isMarked = (row: number, column: number) => (data[row]?.[column] ?? false) === isColored;
  const lines: string[] = [];
  for (let row = 0; row < size; row += 2) {
    let line = "";
    for (let column = 0; column < size; column++) {
      const [upper, lower] = [isMarked(row, column), isMarked(row + 1, column)];
      line += upper ? lower ? "█" : "▀" : lower ? "▄" : " ";
    }
    lines.push(isColored ? BLACK_ON_WHITE + line + RESET : line);
  }
  return lines;
}
