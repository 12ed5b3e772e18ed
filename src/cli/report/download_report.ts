// The terminal's report of a download: the offer and what of it needs consent, the events, and the outcome.

import { join } from "node:path";
import type { DownloadUpdate } from "../../app/transfers/download_transfer.ts";
import type { DownloadTarget } from "../../app/transfers/open_download.ts";
import type { DownloadView } from "../../app/views.ts";
import {
  type Consent,
  type EventOf,
  type Fetched,
  type Offer,
  type OnEvent,
  type RenameReason,
  slice,
  type TransferEvent,
} from "../../engine/mod.ts";
import { abridged } from "../../words/visible.ts";
import type { Words } from "../words.ts";
import type { Key } from "../words/en.ts";
import { jsonEvents, type Output } from "./output.ts";
import { pathInWords, ProgressDisplay } from "./progress.ts";

/** Maximum number of shown names of an offer. */
const NAMES_SHOWN = 8;
const RENAMES_SHOWN = 5;
/** Maximum number of lost files that are reported at once; the outcome has their total. */
const LOST_SHOWN = 5;
/** The sentence for each reason of another name. */
const RENAMED = {
  exists: "savedAsExists",
  unsupported: "savedAsUnsupported",
} as const satisfies Record<RenameReason, Key>;
/** The speed of a shorter download is not shown. */
const SPEED_SECONDS = 0.5;

/** Renders the updates of a download. All counts are in the view; it keeps only the state of the terminal. */
export class DownloadReport implements Disposable {
  readonly #output: Output;
  readonly #words: Words;
  readonly #isVerbose: boolean;
  readonly #target: Pick<DownloadTarget, "folder" | "name">;
  readonly #progress: ProgressDisplay;
  readonly #json: OnEvent;
  #done: EventOf<"done"> | null = null;
  /** Of the accepted offer. They are shown with the offer. */
  #consents: readonly Consent[] = [];
  #renamed: EventOf<"renamed"> | null = null;

  constructor(
    output: Output,
    { verbose }: { verbose: boolean },
    target: Pick<DownloadTarget, "folder" | "name">,
    nowMs = () => performance.now(),
  ) {
    this.#output = output;
    this.#words = output.words;
    this.#isVerbose = verbose;
    this.#target = target;
    this.#progress = new ProgressDisplay(output, nowMs);
    this.#json = jsonEvents(output, nowMs);
  }

  /** Shows an update. The command reports why a fetch was stopped or has failed. */
  readonly update = (update: DownloadUpdate): void => {
    if (update.type === "removed") return;
    const { event, view } = update;
    switch (event.type) {
      case "accepted":
        this.#consents = event.offer.consents;
        return;
      case "begun":
      case "stopped":
      case "broken":
        return;
      case "fetched":
        this.#doneAsJson(event.fetched, view.folder);
        this.#arrived(view);
        this.#otherName(view);
        if (view.lost.count > 0) this.#lacks(view, event.isListed);
        return;
      case "progress":
        this.#json({ type: "progress", bytes: view.doneBytes, total: view.bytes, files: view.filesDone });
        return this.#moving(view);
      case "done":
        // Printed with the paths, which follow.
        this.#done = event;
        return;
      default:
        this.#json(event);
        this.#reported(event, view);
    }
  };

  [Symbol.dispose](): void {
    this.#progress[Symbol.dispose]();
  }

  #reported(event: Exclude<TransferEvent, EventOf<"progress" | "done">>, view: DownloadView): void {
    switch (event.type) {
      case "waiting":
        return this.#progress.waitFor(event.reason);
      case "manifest":
        return this.#connected(view);
      case "path":
        this.#path(event);
        return this.#connected(view);
      case "addresses_cut":
        return this.#output.say(this.#words.say("manyAddresses", event), "warning");
      case "space_short":
        return this.#spaceShort(event);
      case "inodes_short":
        return this.#inodesShort(event);
      case "volume_crossed":
        return this.#output.say(this.#words.say("filesCopied", { folder: event.path }), "warning");
      case "staging_refused":
        return this.#stagingRefused(event);
      case "checking":
        return this.#progress.wait(this.#words.say("waiting", { reason: this.#words.say("checking") }));
      case "stalled":
        return this.#moving(view);
      case "source_lost":
        return this.#sourceLost(event.name, view);
      case "renamed":
        this.#renamed = event;
        if (view.renamed.count > RENAMES_SHOWN) return;
        return this.#output.say(this.#words.say(RENAMED[event.reason], event), "warning");
      // Reported with the outcome.
      case "skipped":
        return;
      // Of a share.
      case "hashing":
      case "ticket":
      case "receiver":
      case "claimed":
      case "refused":
      case "source_changed":
      case "all_lost":
      case "answer_failed":
      case "sent":
      case "delivered":
        return;
      default:
        event satisfies never;
    }
  }

  /** The last event, with the folder of the download and the paths at its top; none for standard output. */
  #doneAsJson({ names }: Fetched, folder: string | null): void {
    if (this.#done === null) return;
    const paths = folder === null ? [] : topNames(names).map((name) => join(folder, name));
    this.#output.json({ ...this.#done, folder, paths });
  }

  /** Reports missing files; `isListed`: `pli resume` lists what is kept. */
  #lacks({ lost: { names, count, keptBytes }, folder }: DownloadView, isListed: boolean): void {
    const words = this.#words;
    this.#output.sayDespiteQuiet(words.say("lostAll", { names: words.listed(names, count) }), "bad");
    const kept = { size: words.size(keptBytes), folder: folder ?? "" };
    this.#output.sayDespiteQuiet(
      keptBytes > 0 ? words.say(isListed ? "lostKept" : "lostKeptUnlisted", kept) : words.say("lostNotKept"),
    );
  }

  #arrived({ files, bytes, resumedBytes, seconds, renamed, skipped }: DownloadView): void {
    const words = this.#words;
    this.#output.clearProgress();
    const more = renamed.count - RENAMES_SHOWN;
    if (more > 0) this.#output.say(words.say("moreChanged", { count: more }), "warning");
    for (const { reason, count } of skipped) {
      const leftOut = { files: words.files(count), reason: words.catalogue.skips[reason] };
      this.#output.say(words.say("leftOut", leftOut));
    }
    if (files === 0 && skipped.length > 0) return this.#output.say(words.say("nothingNeeded"), "good");
    const fetchedBytes = bytes - resumedBytes;
    const speed = words.amounts.speed(fetchedBytes / seconds);
    const how = (fetchedBytes > 0 && seconds >= SPEED_SECONDS ? ` (${speed})` : "") +
      (this.#progress.path === null ? "" : `, ${this.#progress.path}`);
    const amount = words.say("amount", { files: words.files(files), size: words.size(bytes) });
    const what = { amount, time: words.amounts.duration(seconds), how };
    const sentence = resumedBytes > 0
      ? words.say("receivedRest", { ...what, earlier: words.size(resumedBytes) })
      : words.say("received", what);
    this.#output.say(sentence, "good");
  }

  /** Reports, with -q, that the only file does not have the name that the user gave it. */
  #otherName({ folder }: DownloadView): void {
    const { folder: requestedFolder, name: from } = this.#target;
    // Several files are in a folder of the given name.
    if (!this.#output.mode.quiet || this.#renamed === null || !from || folder !== requestedFolder) return;
    const { to, reason } = this.#renamed;
    this.#output.sayDespiteQuiet(this.#words.say(RENAMED[reason], { from, to }), "warning");
  }

  #moving({ doneBytes, bytes, filesDone, files, bytesPerSecond, stalledSeconds }: DownloadView): void {
    this.#progress.transfer(
      { bytes: doneBytes, totalBytes: bytes, files: filesDone, bytesPerSecond, stalledSeconds },
      { side: "receiving", label: null, totalFiles: files },
    );
  }

  #sourceLost(name: string, { files, lost: { count } }: DownloadView): void {
    if (count > LOST_SHOWN) return;
    const lost = this.#words.say("lostNow", { name });
    this.#output.say(files > count ? this.#words.say("restGoesOn", { lost }) : lost, "warning");
  }

  #inodesShort(event: EventOf<"inodes_short">): void {
    if (this.#consents.some(({ reason }) => reason === "inodes_short")) return;
    this.#output.say(this.#words.say("inodesShort", event), "warning");
  }

  #spaceShort({ neededBytes, freeBytes }: EventOf<"space_short">): void {
    // One about another volume is not among them.
    const isShown = this.#consents.some((one) => {
      return one.reason === "space_short" && one.neededBytes === neededBytes && one.freeBytes === freeBytes;
    });
    if (isShown) return;
    const words = this.#words;
    const sizes = { size: words.size(neededBytes), free: words.size(freeBytes) };
    this.#output.say(words.say("spaceShort", sizes), "warning");
  }

  #stagingRefused({ path, reason }: EventOf<"staging_refused">): void {
    const words = this.#words;
    const why = { path, reason: words.catalogue.stagingFaults[reason] };
    this.#output.say(words.say("stagingRefused", why), "warning");
  }

  /** Replaces a line that shows a wait for a connection. */
  #connected(view: DownloadView): void {
    if (view.state === "checking" || !this.#progress.isWaiting) return;
    if (view.state === "running") return this.#moving(view);
    this.#progress.moved();
    this.#output.clearProgress();
  }

  #path(event: EventOf<"path">): void {
    if (!this.#progress.follow(event)) return;
    const path = pathInWords(event, this.#words, this.#isVerbose);
    this.#output.say(this.#words.say("connected", { path }));
  }
}

/** The names at the top of the folder, each once. */
export function topNames(names: readonly string[]): string[] {
  return [...new Set(names.map((name) => name.split("/")[0]))];
}

/** The first names and sizes of an offer, and the total. */
export function offerLines(
  { files, folders, bytes }: Pick<Offer, "files" | "folders" | "bytes">,
  words: Words,
  shown = NAMES_SHOWN,
): string[] {
  // A list of everything is also for scripts, so its names are complete.
  const shownName = (name: string) => shown === Infinity ? name : abridged(name);
  const lines = slice(files, 0, shown).map((file) => `  ${shownName(file.name)}  ${words.size(file.bytes)}`);
  const count = words.filesInFolders(files.length, folders);
  const sum = words.say("amount", { files: count, size: words.size(bytes) });
  return [...lines, ...moreLines(files.length - shown, words), sum];
}

/** The first parts of an offer that need consent. */
export function consentLines({ consents }: Offer, words: Words): string[] {
  const lines = consents.slice(0, NAMES_SHOWN).map((consent) => `  ${consentInWords(consent, words)}`);
  if (lines.length === 0) return [];
  return [words.say("lookFirst"), ...lines, ...moreLines(consents.length - NAMES_SHOWN, words)];
}

/** A part that needs consent, and the reason. */
export function consentInWords(consent: Consent, words: Words): string {
  return words.say("reasonFor", { name: abridged(consent.name), reason: reasonInWords(consent, words) });
}

function reasonInWords(consent: Consent, words: Words): string {
  const reason = words.catalogue.consents[consent.reason];
  if (consent.reason === "overwrite") return reason;
  if (consent.reason === "inodes_short") return words.fill(reason, consent);
  if (consent.reason === "space_short") {
    const { neededBytes, freeBytes } = consent;
    return words.fill(reason, { size: words.size(neededBytes), free: words.size(freeBytes) });
  }
  if (consent.files === 1) return reason;
  const files = words.files(consent.files);
  if (consent.places === 1) return words.say("hiddenFiles", { files });
  return words.say("hiddenPlaces", { files, places: consent.places });
}

function moreLines(count: number, words: Words): string[] {
  return count > 0 ? [`  ${words.say("andMore", { count })}`] : [];
}
