// What a receiver is told while a download runs, event by event.

import type { Fetched, Offer, OnEvent, SkipReason, TransferEvent } from "../engine/mod.ts";
import type { ReceiveArguments } from "./arguments.ts";
import { jsonEvents } from "./json_events.ts";
import type { Output } from "./output.ts";
import { pathInWords, ProgressView } from "./progress_view.ts";
import type { Words } from "./words.ts";

const RENAMES_SHOWN = 5;
/** What took less time says nothing about the speed. */
const SPEED_SECONDS = 0.5;

export class ReceiveStory implements Disposable {
  readonly #output: Output;
  readonly #words: Words;
  readonly #isVerbose: boolean;
  readonly #view: ProgressView;
  readonly #json: OnEvent;
  readonly #skipped = new Map<SkipReason, number>();
  #renamed = 0;
  #totalFiles: number | null = null;

  constructor(output: Output, { verbose }: Pick<ReceiveArguments, "verbose">) {
    this.#output = output;
    this.#words = output.words;
    this.#isVerbose = verbose;
    this.#view = new ProgressView(output);
    this.#json = jsonEvents(output);
  }

  readonly onEvent = (event: TransferEvent): void => {
    this.#json(event);
    switch (event.type) {
      case "waiting":
        return this.#view.waitFor(event.reason);
      case "manifest":
        return this.#view.moved();
      case "path":
        return this.#path(event);
      case "space_short":
        return this.#spaceShort(event);
      case "checking":
        return this.#view.wait(this.#words.say("waiting", { reason: this.#words.say("checking") }));
      case "progress":
        return this.#view.transfer(event, this.#totalFiles);
      case "skipped":
        this.#skipped.set(event.reason, (this.#skipped.get(event.reason) ?? 0) + 1);
        return;
      case "renamed":
        this.#renamed++;
        if (this.#renamed <= RENAMES_SHOWN) this.#output.say(this.#words.say("becomes", event), "warning");
        return;
    }
  };

  [Symbol.dispose](): void {
    this.#view[Symbol.dispose]();
  }

  /** Notes what is to come. */
  accepted({ files }: Offer): void {
    this.#totalFiles = files.length;
  }

  /** Says what is there now. */
  ended({ files, bytes, resumedBytes, seconds }: Fetched): void {
    const words = this.#words;
    this.#output.clearProgress();
    const more = this.#renamed - RENAMES_SHOWN;
    if (more > 0) this.#output.say(words.say("moreChanged", { count: more }), "warning");
    for (const [reason, count] of this.#skipped) {
      const leftOut = { files: words.files(count), reason: words.catalogue.skips[reason] };
      this.#output.say(words.say("leftOut", leftOut));
    }
    if (files === 0 && this.#skipped.size > 0) return this.#output.say(words.say("nothingNeeded"), "good");
    const speed = words.amounts.speed((bytes - resumedBytes) / seconds);
    const how = (seconds >= SPEED_SECONDS ? ` (${speed})` : "") +
      (this.#view.path === null ? "" : `, ${this.#view.path}`);
    const sum = { files: words.files(files), size: words.size(bytes) };
    const amount = resumedBytes > 0
      ? words.say("amountEarlier", { ...sum, earlier: words.size(resumedBytes) })
      : words.say("amount", sum);
    const time = words.amounts.duration(seconds);
    this.#output.say(words.say("received", { amount, time, how }), "good");
  }

  #spaceShort({ neededBytes, freeBytes }: Extract<TransferEvent, { type: "space_short" }>): void {
    const words = this.#words;
    const sizes = { size: words.size(neededBytes), free: words.size(freeBytes) };
    this.#output.say(words.say("spaceShort", sizes), "warning");
  }

  #path(event: Extract<TransferEvent, { type: "path" }>): void {
    this.#view.moved();
    if (!this.#view.follow(event)) return;
    const path = pathInWords(event, this.#words, this.#isVerbose);
    this.#output.say(this.#words.say("connected", { path }));
  }
}
