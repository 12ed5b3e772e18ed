// The shares and downloads that a desk has, one by one, and what they are asked for by.

import { findTicket, formatTicket, type Offer, parseTicket, PliError } from "../engine/mod.ts";
import type { DownloadTarget } from "./downloads.ts";
import type { DownloadView, FilesPage, ShareView } from "./views.ts";

/** Something that is under way, or was. */
interface Work<V> {
  view: V;
  stop: AbortController;
  /** Resolves when nothing of it is under way any more. */
  ended: Promise<void>;
}

export interface ShareJob extends Work<ShareView> {
  paths: readonly string[];
  /** Removes what was staged for it. */
  onEnded: () => Promise<void>;
}

/** What is known of a download's files. */
export interface KnownFiles {
  /** What comes; null before its sender has told. */
  offer: Offer | null;
  /** How much of a file of the offer is there; null before anything has begun to come. */
  doneBytesOf: ((index: number) => number) | null;
}

export const NOTHING_KNOWN: KnownFiles = { offer: null, doneBytesOf: null };

export interface DownloadJob extends Work<DownloadView>, KnownFiles {
  target: DownloadTarget & { folder: string };
  only: ReadonlySet<string> | null;
  consents: boolean;
}

/** Some files of a download, and how far each is now. */
export function filesPage({ offer, doneBytesOf, view }: DownloadJob, from: number, count: number): FilesPage {
  const files = offer?.files ?? [];
  const isDone = view.state === "done";
  return {
    files: files.slice(from, from + count).map((file, at) => {
      const doneBytes = isDone ? file.bytes : doneBytesOf?.(from + at);
      return { ...file, ...(doneBytes !== undefined && { doneBytes }) };
    }),
    total: files.length,
  };
}

/** Whether a download is under way. */
export function isRunning({ state }: DownloadView): boolean {
  return state === "connecting" || state === "checking" || state === "running" || state === "waiting";
}

/** The job of an id. Throws `internal` when there is none. */
export function found<T>(jobs: ReadonlyMap<string, T>, id: string): T {
  const job = jobs.get(id);
  if (job === undefined) throw new PliError("internal", { what: `no job ${id}` });
  return job;
}

/** A ticket as it is remembered, from whatever was pasted. Throws `ticket_malformed`. */
export function normalTicket(text: string): string {
  return formatTicket(parseTicket(findTicket(text) ?? text.trim()));
}

/** A glob that matches one name alone. */
export function asGlob(name: string): string {
  return name.replace(/[\\*?[\]{}()!+@|]/g, "\\$&");
}
