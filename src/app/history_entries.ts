// Entries of the history, made of what was delivered and of what has arrived: the same for the desk and for the
// command line. Pure.

import { join } from "node:path";
import type { Fetched, TransferEvent } from "../engine/mod.ts";
import type { NewEntry } from "./history.ts";
import { topsOf } from "./titles.ts";

/** What is sent: its title, and where it lies; no paths for what was staged or spooled. */
export type Sent = Pick<NewEntry, "title" | "paths">;

/** Makes the one entry of a share from its events. */
export class SentEntry {
  readonly #sent: Sent;
  #all = { files: 0, bytes: 0 };
  #isMade = false;

  constructor(sent: Sent) {
    this.#sent = sent;
  }

  /** The entry, when an event is the first that says that somebody has everything he wanted; null otherwise. */
  after(event: TransferEvent, endedAt: number): NewEntry | null {
    if (event.type === "ticket") this.#all = event;
    if (this.#isMade || (event.type !== "delivered" && event.type !== "sent")) return null;
    this.#isMade = true;
    const { files, bytes } = event.type === "delivered" ? event : this.#all;
    return { kind: "sent", ...this.#sent, files, bytes, endedAt };
  }
}

/** The entry of a download that is done; `folder` is null when its bytes went to standard output. */
export function receivedEntry(
  { title, folder }: { title: string | null; folder: string | null },
  { files, bytes, names }: Pick<Fetched, "files" | "bytes" | "names">,
  endedAt: number,
): NewEntry {
  const paths = folder === null ? [] : topsOf(names).map((name) => join(folder, name));
  const places = folder !== null && paths.length === 0 ? [folder] : paths;
  return { kind: "received", title, files, bytes, endedAt, paths: places };
}
