// One share, from its paths to its end: its identity and record, the hash cache, its history entry, and its view
// (share_view.ts). Terminal and page start, observe and stop it; there is no other way to share. Its only command is
// `stop`, which takes effect synchronously and needs no queue.

import {
  type Clock,
  type HashCache,
  type OnEvent,
  PliError,
  type Share,
  type ShareOptions,
  systemClock,
} from "../../engine/mod.ts";
import { openHashCache } from "../hash_cache.ts";
import type { NewEntry } from "../history.ts";
import { sentEntry } from "../history_entries.ts";
import type { Home } from "../home.ts";
import { nothingRemembered } from "../home_if_usable.ts";
import { resumeShare, type ShareIdentity, shareWithoutRecord } from "../shares.ts";
import { titleOfPaths } from "../titles.ts";
import type { ShareView, Skipped } from "../views.ts";
import { isShareOver } from "./share_states.ts";
import {
  type MeasuredShare,
  measuredShare,
  newShareView,
  shareAfter,
  type ShareInput,
} from "./share_view.ts";
import type { TransferEngine } from "./context.ts";

/** A request for a share. */
export interface ShareRequest {
  /** An id that is unique among the transfers of the process. */
  id: string;
  /** Absolute paths. */
  paths: readonly string[];
  keep: boolean;
  /**
   * Set for copies in pli's own folder, from a browser or standard input, which are removed at the end. Without `leave`,
   * which leaves them to a later process, they have no record. Null for the user's own files.
   */
  staged: { skipped: readonly Skipped[]; remove: () => Promise<void>; leave?: () => void } | null;
  /** Globs of excluded names. With the paths they identify the share. */
  excluded?: { globs: readonly string[]; matches: (name: string) => boolean };
  /** The user's own key, with which there is no record. */
  secretKey?: Uint8Array | null;
  /** Whether an earlier share of the same paths is replaced, with its ticket. */
  isNew?: boolean;
  /** Whether the hash cache is used; true if undefined. */
  usesHashCache?: boolean;
  options: Pick<
    ShareOptions,
    "ticketKind" | "previewNames" | "skipUnreadable" | "relay" | "bindAddress" | "limit"
  >;
  /** Resolves when an earlier share of the same paths has released its record. */
  after?: Promise<unknown>;
}

/** The environment of a share. */
export interface ShareContext {
  /** Null if pli's folder cannot be used: nothing is stored then. */
  home: Home | null;
  engine: (hashes?: HashCache) => Promise<Pick<TransferEngine, "share">>;
  /** Adds an entry to the history. Never rejects. */
  record: (entry: NewEntry) => Promise<void> | void;
  /** Tests pass their own three. */
  openShare?: typeof resumeShare;
  openHashes?: typeof openHashCache;
  clock?: Pick<Clock, "nowMs" | "epochMs">;
}

/** An input, and the view before and after it. */
export interface ShareChange {
  input: ShareInput;
  before: ShareView;
  view: ShareView;
}

export class ShareTransfer {
  /** Resolves when the share has ended and released its resources. Never rejects. */
  readonly closed: Promise<void>;
  readonly #request: ShareRequest;
  readonly #context: ShareContext;
  readonly #clock: Pick<Clock, "nowMs" | "epochMs">;
  readonly #stop = new AbortController();
  readonly #observers = new Set<(change: ShareChange) => void>();
  #share: MeasuredShare;
  #error: unknown;
  #isTicketKept = true;
  /** Whether staged files stay for a later process. */
  #isLeft = false;
  /** The first history entry; null before. */
  #recorded: Promise<void> | null = null;
  /** The ticket and later inputs, until the record is stored. */
  #held: ShareInput[] | null = null;

  /** Begins at once; changes are passed to `observe`. */
  constructor(request: ShareRequest, context: ShareContext, observe: (change: ShareChange) => void) {
    this.#request = request;
    this.#context = context;
    this.#clock = context.clock ?? context.home?.clock ?? systemClock;
    this.#observers.add(observe);
    const { id, paths, keep, staged } = request;
    const about = {
      ...titleOfPaths(paths),
      keep,
      skipped: staged?.skipped ?? [],
      isStaged: staged !== null,
    };
    this.#share = measuredShare(newShareView(id, this.#clock.epochMs(), about));
    this.closed = this.#run();
  }

  get view(): ShareView {
    return this.#share.view;
  }

  /** The error that ended the share or that followed its end; undefined without one. */
  get error(): unknown {
    return this.#error;
  }

  /** Whether a later share of the same content can have the same ticket; true before there is one. */
  get isTicketKept(): boolean {
    return this.#isTicketKept;
  }

  get paths(): readonly string[] {
    return this.#request.paths;
  }

  /** Calls an observer with every change until the returned function is called. */
  observe(observer: (change: ShareChange) => void): () => void {
    this.#observers.add(observer);
    return () => this.#observers.delete(observer);
  }

  /**
   * Stops serving, unless the share has ended, because the process ends: a later one can serve it again. Resolves when
   * its resources are released.
   */
  close(): Promise<void> {
    if (!isShareOver(this.view.state)) this.#isLeft = this.#request.staged?.leave !== undefined;
    return this.stop();
  }

  /** Stops serving, unless the share has ended. Resolves when its resources are released. */
  stop(): Promise<void> {
    if (!isShareOver(this.view.state)) {
      this.#apply({ type: "stop" });
      this.#stop.abort();
    }
    return this.closed;
  }

  async #run(): Promise<void> {
    const { after, staged } = this.#request;
    try {
      await after;
      await this.#serve();
    } catch (error) {
      this.#failUnlessStopped(error);
    }
    if (this.#isLeft) staged?.leave?.();
    else await staged?.remove();
    await this.#recorded;
  }

  async #serve(): Promise<void> {
    const { paths, staged, excluded, secretKey = null, isNew, usesHashCache = true } = this.#request;
    const { home, engine, openShare = resumeShare, openHashes = openHashCache } = this.#context;
    const isRepeatable = staged === null || staged.leave !== undefined;
    using identity = isRepeatable
      ? await openShare(home, { paths, exclude: excluded?.globs ?? [] }, secretKey, isNew)
      : shareWithoutRecord(secretKey);
    using hashes = usesHashCache && home !== null && isRepeatable ? await openHashes(home) : null;
    try {
      const sharing = await engine(hashes ?? undefined);
      if (!this.#stop.signal.aborted) await this.#serveBy(sharing, identity);
    } catch (error) {
      // Before its record is removed: a later process cannot serve what has failed.
      this.#failUnlessStopped(error);
    } finally {
      // Its paths never return. A record that cannot be removed expires.
      if (staged !== null && !this.#isLeft) await identity.finished().catch(() => {});
    }
  }

  async #serveBy(sharing: Pick<TransferEngine, "share">, identity: ShareIdentity): Promise<void> {
    const { home } = this.#context;
    const share = await sharing.share(this.#optionsOf(identity));
    try {
      const isStored = await identity.ticketMade(share).catch((error) => {
        home?.notify(nothingRemembered(error));
        return false;
      });
      this.#isTicketKept = isStored || (this.#request.secretKey ?? null) !== null;
      this.#release();
      await this.#untilEnded(share, identity);
    } finally {
      this.#release();
      await share.close();
      await identity.settled();
    }
  }

  #optionsOf(identity: ShareIdentity): ShareOptions {
    const { paths, keep, excluded, options } = this.#request;
    const onEvent: OnEvent = (event) => {
      if (event.type === "claimed") identity.claimed(event);
      if (event.type === "ticket") this.#held = [];
      if (this.#held === null) this.#apply(event);
      else this.#held.push(event);
    };
    return {
      ...options,
      paths,
      keep,
      ...(excluded !== undefined && excluded.globs.length > 0 && { exclude: excluded.matches }),
      secretKey: identity.secretKey,
      earlierSockets: identity.sockets,
      ...(identity.earlierHolder !== null && { earlierHolder: identity.earlierHolder }),
      onEvent,
      signal: this.#stop.signal,
    };
  }

  /** Shows the ticket, whose record is stored or cannot be, unless the share was stopped meanwhile. */
  #release(): void {
    const held = this.#held ?? [];
    this.#held = null;
    for (const input of held) {
      if (input.type !== "ticket" || !isShareOver(this.view.state)) this.#apply(input);
    }
  }

  async #untilEnded(share: Share, identity: ShareIdentity): Promise<void> {
    const end = await Promise.race([share.ended, aborted(this.#stop.signal)]);
    if (end === null || this.#stop.signal.aborted) return;
    if (end === "spoiled") {
      return this.#fail(new PliError("source_changed", { name: this.view.lost.names[0] ?? "" }));
    }
    this.#apply({ type: "ended", end });
    // Kept after a partial delivery: if the lost files return, the same paths yield the same ticket.
    if (end === "delivered" || end === "sent") await identity.finished();
  }

  #failUnlessStopped(error: unknown): void {
    if (!this.#stop.signal.aborted) this.#fail(error);
  }

  #fail(error: unknown): void {
    this.#error = error;
    this.#apply({ type: "failed", error });
  }

  #apply(input: ShareInput): void {
    const before = this.view;
    const { record } = this.#context;
    this.#share = shareAfter(this.#share, input, this.#clock.nowMs());
    const { view } = this;
    const paths = view.isStaged ? [] : this.#request.paths;
    const entry = this.#recorded === null
      ? sentEntry(view, input, { paths, endedAt: this.#clock.epochMs() })
      : null;
    if (entry !== null) this.#recorded = Promise.resolve(record(entry));
    for (const observe of this.#observers) observe({ input, before, view });
  }
}

/** Resolves to null when the signal is aborted. */
function aborted(signal: AbortSignal): Promise<null> {
  if (signal.aborted) return Promise.resolve(null);
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(null), { once: true }));
}
