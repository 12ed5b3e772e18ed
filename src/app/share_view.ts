// What is shown of a share, after each event of it. Pure.

import type { TransferEvent } from "../engine/mod.ts";
import type { ReceiverView, ShareView } from "./views.ts";
import { withSkipped } from "./skipped_view.ts";

/** A share that is about to be hashed. */
export function newShareView(
  id: string,
  startedAt: number,
  about: Pick<ShareView, "title" | "keep" | "skipped" | "isStaged">,
): ShareView {
  return {
    id,
    state: "hashing",
    ...about,
    files: 0,
    bytes: 0,
    doneBytes: 0,
    ticket: null,
    receivers: [],
    failure: null,
    startedAt,
  };
}

/** The share after one event; the same object when nothing changes that is shown. */
export function shareAfter(view: ShareView, event: TransferEvent): ShareView {
  switch (event.type) {
    case "hashing":
      return { ...view, doneBytes: event.bytes, bytes: event.total, files: event.files };
    case "ticket":
      return {
        ...view,
        state: "serving",
        ticket: event.ticket,
        files: event.files,
        bytes: event.bytes,
        doneBytes: event.bytes,
      };
    case "skipped":
      return { ...view, skipped: withSkipped(view.skipped, event) };
    case "receiver":
      return withReceiver(view, event.id, { state: event.state });
    case "path": {
      const { kind, address, rttMs } = event;
      return withReceiver(view, event.id, { path: { kind, address, rttMs } });
    }
    case "progress":
      return event.id === undefined ? view : withReceiver(view, event.id, { bytes: event.bytes });
    case "delivered":
      return view.keep
        ? withReceiver(view, event.id, { bytes: event.bytes })
        : { ...view, state: "delivered" };
    case "sent":
      return { ...view, state: "sent" };
    default:
      return view;
  }
}

/** Receivers that are gone stay as long as they have taken something: that is what a sender looks for. */
function withReceiver(view: ShareView, id: string, change: Partial<ReceiverView>): ShareView {
  const known = view.receivers.find((receiver) => receiver.id === id);
  const changed: ReceiverView = { id, state: "connected", bytes: 0, path: null, ...known, ...change };
  const others = view.receivers.filter((receiver) => receiver !== known);
  const isOfInterest = changed.state !== "gone" || changed.bytes > 0;
  return { ...view, receivers: isOfInterest ? [...others, changed] : others };
}
