// What a receiver is told while a download runs, event by event.

import type { Fetched, Offer, OnEvent, SkipReason, TransferEvent, WaitReason } from "../engine/mod.ts";
import type { ReceiveArguments } from "./arguments.ts";
import { SKIP_REASONS } from "./fault_words.ts";
import { jsonEvents } from "./json_events.ts";
import type { Output } from "./output.ts";
import { pathInWords, ProgressView } from "./progress_view.ts";
import { countInWords, sizeInWords, timeInWords } from "./words.ts";

const RENAMES_SHOWN = 5;
/** What took less time says nothing about the speed. */
const SPEED_SECONDS = 0.5;

/** Why nothing moves, in words. */
export const WAITS: Readonly<Record<WaitReason, string>> = {
  connecting: "Connecting to the sender…",
  relay: "Waiting for a relay…",
  sender: "The sender is not there yet; trying again…",
  reconnecting: "The connection is lost; trying again…",
};

export class ReceiveStory implements Disposable {
  readonly #output: Output;
  readonly #isVerbose: boolean;
  readonly #view: ProgressView;
  readonly #json: OnEvent;
  readonly #skipped = new Map<SkipReason, number>();
  #renamed = 0;
  #totalFiles: number | null = null;

  constructor(output: Output, { verbose }: Pick<ReceiveArguments, "verbose">) {
    this.#output = output;
    this.#isVerbose = verbose;
    this.#view = new ProgressView(output);
    this.#json = jsonEvents(output);
  }

  readonly onEvent = (event: TransferEvent): void => {
    this.#json(event);
    switch (event.type) {
      case "waiting":
        return this.#view.waitLong(WAITS[event.reason]);
      case "manifest":
        return this.#view.moved();
      case "path":
        return this.#path(event);
      case "space_short":
        return this.#spaceShort(event);
      case "checking":
        return this.#view.wait("Checking what is here already…");
      case "progress":
        return this.#view.transfer(event, this.#totalFiles);
      case "skipped":
        this.#skipped.set(event.reason, (this.#skipped.get(event.reason) ?? 0) + 1);
        return;
      case "renamed":
        this.#renamed++;
        if (this.#renamed <= RENAMES_SHOWN) this.#output.say(`${event.from} becomes ${event.to}`, "warning");
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
    this.#output.clearProgress();
    const more = this.#renamed - RENAMES_SHOWN;
    if (more > 0) this.#output.say(`and ${countInWords(more, "other name")} changed`, "warning");
    for (const [reason, count] of this.#skipped) {
      this.#output.say(`${countInWords(count, "file")}: ${SKIP_REASONS[reason]}`);
    }
    if (files === 0 && this.#skipped.size > 0) return this.#output.say("Nothing had to be received.", "good");
    const speed = seconds >= SPEED_SECONDS ? ` (${sizeInWords((bytes - resumedBytes) / seconds)}/s)` : "";
    const path = this.#view.path === null ? "" : `, ${this.#view.path}`;
    const earlier = resumedBytes > 0 ? `, ${sizeInWords(resumedBytes)} of it earlier` : "";
    const amount = `${countInWords(files, "file")}, ${sizeInWords(bytes)}${earlier}`;
    this.#output.say(`Received ${amount} in ${timeInWords(seconds)}${speed}${path}.`, "good");
  }

  #spaceShort({ neededBytes, freeBytes }: Extract<TransferEvent, { type: "space_short" }>): void {
    this.#output.say(
      `The disk may become full: ${sizeInWords(neededBytes)} are to come, and ${
        sizeInWords(freeBytes)
      } are free.`,
      "warning",
    );
  }

  #path(event: Extract<TransferEvent, { type: "path" }>): void {
    this.#view.moved();
    if (!this.#view.follow(event)) return;
    const time = this.#isVerbose ? `, ${Math.round(event.rttMs)} ms` : "";
    this.#output.say(`Connected: ${pathInWords(event)}${time}.`);
  }
}
