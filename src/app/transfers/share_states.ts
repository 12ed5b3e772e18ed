// The states of a share, as a table of state x input -> state. Pure. An input without an entry leaves the state as it
// is, so late inputs do not change a final state.
//
//    staging --complete--> hashing --ticket--> serving --delivered, partial, sent--> the state of that name
//                             |                   |
//                             +--stop-------------+--stop------------> stopped
//                             |                   |
//                             +--failed-----------+--failed----------> failed
//
// A share of uploaded files begins as staging (uploads.ts); a cancelled upload is removed from the list and becomes no
// share. A kept share has no end by its rule: it is stopped, or fails. A changed file is no input: a share fails
// by it only where it prevents any delivery.

import type { ShareEnd } from "../../engine/mod.ts";

export type ShareState =
  | "staging"
  | "hashing"
  | "serving"
  | "delivered"
  /** Delivered without files that were changed or removed meanwhile. */
  | "partial"
  /** Sent completely to a peer without receipts. */
  | "sent"
  | "stopped"
  | "failed";

/** An end by the share rule with a delivery. A share that is spoiled fails. */
export type CompleteEnd = Exclude<ShareEnd, "spoiled">;

/** The inputs: the command `stop`, and events of the upload and of the engine. */
export type ShareSignal = "complete" | "ticket" | CompleteEnd | "failed" | "stop";

const FINAL = {};

export const SHARE_STATES: Readonly<
  Record<ShareState, Readonly<Partial<Record<ShareSignal, ShareState>>>>
> = {
  staging: { complete: "hashing" },
  hashing: { ticket: "serving", failed: "failed", stop: "stopped" },
  serving: {
    delivered: "delivered",
    partial: "partial",
    sent: "sent",
    failed: "failed",
    stop: "stopped",
  },
  delivered: FINAL,
  partial: FINAL,
  sent: FINAL,
  stopped: FINAL,
  failed: FINAL,
};

/** The state after an input. */
export function shareStateAfter(state: ShareState, signal: ShareSignal): ShareState {
  return SHARE_STATES[state][signal] ?? state;
}

/** Whether a state is final. */
export function isShareOver(state: ShareState): boolean {
  return SHARE_STATES[state] === FINAL;
}
