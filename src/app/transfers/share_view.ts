// The view of a share for terminal, page and JSON lines, computed by one reducer from the engine's events and the end
// of the share. Pure: time is passed in.

import { type EventOf, hostsOf, isMissing, isMissingReason, type TransferEvent } from "../../engine/mod.ts";
import { failureOf } from "../failure_view.ts";
import { NONE_LOST, withLost } from "../lost_view.ts";
import { withSkipped } from "../skipped_view.ts";
import { NAMES_KEPT, type ReceiverView, type ShareView } from "../views.ts";
import { figuresAfter, type MeasuredFigures, NO_FIGURES } from "./figures.ts";
import { type CompleteEnd, shareStateAfter } from "./share_states.ts";

/** Maximum number of shown receivers that have left: those whose figures the engine keeps. */
const MAXIMUM_GONE_RECEIVERS = 256;

/** An input: an event of the engine, the end by the share rule, an error, or the command to stop. */
export type ShareInput =
  | TransferEvent
  | { type: "ended"; end: CompleteEnd }
  | { type: "failed"; error: unknown }
  | { type: "stop" };

/** A view, and the samples of the speeds in it. */
export interface MeasuredShare {
  readonly view: ShareView;
  readonly hashing: MeasuredFigures;
  /** By the ids of receivers that are shown. */
  readonly receivers: ReadonlyMap<string, MeasuredFigures>;
}

/** A share before hashing; `startedAt` in milliseconds since 1970. */
export function newShareView(
  id: string,
  startedAt: number,
  about: Pick<ShareView, "title" | "otherNames" | "keep" | "skipped" | "isStaged">,
): ShareView {
  const { skipped } = about;
  return {
    id,
    state: "hashing",
    ...about,
    missing: skipped.reduce((sum, { reason, count }) => isMissingReason(reason) ? sum + count : sum, 0),
    files: 0,
    bytes: 0,
    doneBytes: 0,
    bytesPerSecond: null,
    ticket: null,
    hostsWithoutRelay: null,
    receivers: [],
    delivery: null,
    lost: NONE_LOST,
    isAllLost: false,
    refusals: [],
    failure: null,
    startedAt,
  };
}

/** The same, before its first input. */
export function measuredShare(view: ShareView): MeasuredShare {
  return { view, hashing: NO_FIGURES, receivers: new Map() };
}

/** The share after an input; the same view if nothing shown changes. */
export function shareAfter(share: MeasuredShare, input: ShareInput, nowMs: number): MeasuredShare {
  const { view, receivers } = share;
  switch (input.type) {
    case "hashing": {
      if (view.state !== "hashing") return share;
      const hashing = figuresAfter(share.hashing, input, nowMs);
      const { bytes: doneBytes, totalBytes: bytes, files, bytesPerSecond } = hashing.shown;
      return { ...share, hashing, view: { ...view, doneBytes, bytes, files, bytesPerSecond } };
    }
    case "progress":
    case "stalled": {
      const known = view.receivers.find(({ id }) => id === input.id);
      if (known === undefined) return share;
      // A complete receiver that takes data again starts at 0.
      const earlier = known.hasAll && input.type === "progress" ? undefined : receivers.get(known.id);
      const figures = figuresAfter(earlier ?? NO_FIGURES, input, nowMs);
      const { bytes, files, bytesPerSecond, stalledSeconds } = figures.shown;
      const hasAll = known.hasAll && (input.type === "stalled" || input.bytes === input.total);
      return {
        ...share,
        receivers: new Map(receivers).set(known.id, figures),
        view: withReceiver(view, { ...known, bytes, files, bytesPerSecond, stalledSeconds, hasAll }),
      };
    }
    default: {
      const next = viewAfter(view, input);
      return receivers.size <= next.receivers.length
        ? { ...share, view: next }
        : withoutForgotten(share, next);
    }
  }
}

/** Without a default, so that a new event does not compile until its effect is decided on. */
function viewAfter(
  view: ShareView,
  input: Exclude<ShareInput, EventOf<"hashing" | "progress" | "stalled">>,
): ShareView {
  switch (input.type) {
    case "ticket":
      return {
        ...view,
        state: shareStateAfter(view.state, "ticket"),
        ticket: input.ticket,
        hostsWithoutRelay: input.relayMissed && input.relayUrl === null ? hostsOf(input.addresses) : null,
        files: input.files,
        bytes: input.bytes,
        doneBytes: input.bytes,
        bytesPerSecond: null,
      };
    case "skipped": {
      const missing = view.missing + (isMissing(input) ? 1 : 0);
      return { ...view, skipped: withSkipped(view.skipped, input), missing };
    }
    case "receiver":
      return arrivedOrLeft(view, input);
    case "path": {
      const known = view.receivers.find(({ id }) => id === input.id);
      const { kind, address, rttMs } = input;
      return known === undefined ? view : withReceiver(view, { ...known, path: { kind, address, rttMs } });
    }
    case "refused": {
      const { id, reason, holder } = input;
      return { ...view, refusals: [...view.refusals, { id, reason, holder }] };
    }
    case "source_changed":
      return { ...view, lost: withLost(view.lost, input.name) };
    case "all_lost":
      return { ...view, isAllLost: true };
    case "delivered": {
      const { id, files, bytes, lost = [] } = input;
      const delivery = {
        id,
        files,
        bytes,
        lostFiles: lost.length,
        lostNames: lost.slice(0, NAMES_KEPT),
      };
      const known = view.receivers.find((receiver) => receiver.id === id);
      const next = { ...view, delivery };
      if (known === undefined) return next;
      return withReceiver(next, { ...known, hasAll: true, bytesPerSecond: null, stalledSeconds: null });
    }
    case "ended":
      return { ...view, state: shareStateAfter(view.state, input.end) };
    case "failed": {
      const state = shareStateAfter(view.state, "failed");
      return state === view.state ? view : { ...view, state, failure: failureOf(input.error) };
    }
    case "stop":
      return { ...view, state: shareStateAfter(view.state, "stop") };
    // Not shown.
    case "claimed":
    case "waiting":
    case "answer_failed":
    case "sent":
      return view;
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
      return view;
  }
}

/** The receivers with one of them changed, in the same order. */
function withReceiver(view: ShareView, changed: ReceiverView): ShareView {
  return { ...view, receivers: view.receivers.map((each) => each.id === changed.id ? changed : each) };
}

/**
 * Moves a receiver that connects, begins to take data or leaves to the end. One that has left stays if it has taken
 * data, because senders look for it.
 */
function arrivedOrLeft(
  view: ShareView,
  { id, state }: EventOf<"receiver">,
): ShareView {
  const known = view.receivers.find((receiver) => receiver.id === id);
  const others = view.receivers.filter((receiver) => receiver !== known);
  if (state === "gone" && !known?.bytes) return { ...view, receivers: others };
  const fresh = { id, bytes: 0, files: 0, path: null, hasAll: false };
  const changed = { ...fresh, ...known, state, bytesPerSecond: null, stalledSeconds: null };
  return { ...view, receivers: withoutOldest([...others, changed]) };
}

/** Removes the receiver that left first, if too many have left. */
function withoutOldest(receivers: readonly ReceiverView[]): readonly ReceiverView[] {
  const gone = receivers.filter(({ state }) => state === "gone");
  return gone.length <= MAXIMUM_GONE_RECEIVERS
    ? receivers
    : receivers.filter((receiver) => receiver !== gone[0]);
}

/** Drops the samples of receivers that are not shown any more. */
function withoutForgotten({ hashing, receivers }: MeasuredShare, view: ShareView): MeasuredShare {
  const shown = new Set(view.receivers.map(({ id }) => id));
  return { hashing, view, receivers: new Map([...receivers].filter(([id]) => shown.has(id))) };
}
