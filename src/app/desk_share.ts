// One share at the desk: from its paths to its end, with what is shown of it after each event.

import { type Engine, type HashCache, PliError, type RelayChoice, type SpeedLimit } from "../engine/mod.ts";
import { failureOf } from "./failure_view.ts";
import { openHashCache } from "./hash_cache.ts";
import type { NewEntry } from "./history.ts";
import { SentEntry } from "./history_entries.ts";
import type { Home } from "./home.ts";
import { shareAfter } from "./share_view.ts";
import { shareWithoutRecord, takeUpShare } from "./shares.ts";
import type { Settings, ShareView } from "./views.ts";

/** What the desk uses of an engine. */
export type TransferEngine = Pick<Engine, "share" | "fetch" | "inspect" | "discard">;

/** What work at the desk needs. */
export interface Workplace {
  home: Home;
  engine: (hashes?: HashCache) => Promise<TransferEngine>;
  settings: () => Settings;
  /** What the settings say, or whoever started pli. */
  relay: () => RelayChoice;
  /** How fast all shares together may send, and all downloads receive. */
  limits: { sending: SpeedLimit; receiving: SpeedLimit };
}

export interface ShareWork {
  /** Absolute. */
  paths: readonly string[];
  view: ShareView;
  /** Aborted when it is to stop. */
  signal: AbortSignal;
  /** Told of every change. */
  show: (view: ShareView) => void;
  /** Told when somebody has it. */
  record: (entry: NewEntry) => void;
}

/** Hashes and serves. Resolves when it has ended, in whatever way: the view says how. Never rejects. */
export async function serveShare(
  { home, engine, settings, relay, limits }: Workplace,
  work: ShareWork,
): Promise<void> {
  let { view } = work;
  const show = (next: ShareView) => {
    if (next !== view) work.show(view = next);
  };
  const sent = new SentEntry({ title: view.title, paths: view.isStaged ? [] : work.paths });
  const over = new AbortController();
  const signal = AbortSignal.any([work.signal, over.signal]);
  try {
    using identity = view.isStaged
      ? shareWithoutRecord(null)
      : await takeUpShare(home, { paths: work.paths, exclude: [] }, null);
    // What was staged is never seen again.
    using hashes = view.isStaged ? null : await openHashCache(home);
    const transfers = await engine(hashes ?? undefined);
    const share = await transfers.share({
      paths: work.paths,
      ticketKind: settings().ticketKind,
      keep: view.keep,
      secretKey: identity.secretKey,
      relay: relay(),
      earlierSockets: identity.sockets,
      ...(identity.earlierHolder !== null && { earlierHolder: identity.earlierHolder }),
      onEvent: (event) => {
        if (event.type === "claimed") identity.claimed(event);
        if (event.type === "source_changed") {
          // It can no longer be delivered whole.
          over.abort(new PliError("source_changed", { name: event.name }));
        }
        show(shareAfter(view, event));
        const entry = sent.after(event, Date.now());
        if (entry !== null) work.record(entry);
      },
      limit: limits.sending,
      signal,
    });
    try {
      await identity.ticketMade(share);
      await Promise.race([share.ended, aborted(signal)]);
      if (!signal.aborted) await identity.finished();
    } finally {
      await share.close();
      await identity.settled();
    }
    if (signal.aborted) throw signal.reason;
  } catch (error) {
    if (work.signal.aborted) show({ ...view, state: "stopped" });
    else {show({
        ...view,
        state: "failed",
        failure: failureOf(over.signal.aborted ? over.signal.reason : error),
      });}
  }
}

/** Resolves when the signal is aborted. */
function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
