// The states of a download: the results of each command, and of the events of a fetch. Pure. A dot is a command
// without effect.
//
//                resume      pause   discard  remove   lose
//   unfinished   connecting  .       removed  .        removed
//   connecting   .           paused  removed  .        .
//   waiting      .           paused  removed  .        .
//   checking     .           paused  removed  .        .
//   running      .           paused  removed  .        .
//   paused       connecting  .       removed  .        removed
//   partial      connecting  .       removed  removed  removed
//   failed       connecting  .       removed  removed  removed
//   done         .           .       .        removed  .
//   removed      .           .       .        .        .
//
// `lose`: another process has removed its record. A fetch runs in `connecting`, `waiting`, `checking` and
// `running`, and in no other state. `pause` and `discard` end it first; if it has ended by itself before, that end
// decides the state. After a lost connection, a temporary disk error, or with received data, a download is
// `unfinished`; otherwise it has `failed`.

import { isPliError, type TransferEvent } from "../../engine/mod.ts";
import type { DownloadState, DownloadView } from "../views.ts";

export type DownloadCommand = "resume" | "pause" | "discard" | "remove" | "lose";

/** A removed download is in no list. */
export type DownloadStateOrRemoved = DownloadState | "removed";

type Row = Readonly<Partial<Record<DownloadCommand, DownloadStateOrRemoved>>>;

const FETCHING: Row = { pause: "paused", discard: "removed" };
const STOPPED: Row = { resume: "connecting", discard: "removed", lose: "removed" };
const ENDED: Row = { ...STOPPED, remove: "removed" };

const TABLE: Readonly<Record<DownloadStateOrRemoved, Row>> = {
  unfinished: STOPPED,
  connecting: FETCHING,
  waiting: FETCHING,
  checking: FETCHING,
  running: FETCHING,
  paused: STOPPED,
  partial: ENDED,
  failed: ENDED,
  done: { remove: "removed" },
  removed: {},
};

/** The state after a command; null if the command has no effect. */
export function afterCommand(
  state: DownloadStateOrRemoved,
  command: DownloadCommand,
): DownloadStateOrRemoved | null {
  return TABLE[state][command] ?? null;
}

/** Whether a fetch runs. */
export function isFetching(state: DownloadStateOrRemoved): boolean {
  return TABLE[state] === FETCHING;
}

/** The state after an event of a fetch. A wait ends with the connection, or with what only a connection reports. */
export function afterEvent(
  { state, waiting, bytes }: Pick<DownloadView, "state" | "waiting" | "bytes">,
  event: TransferEvent,
): DownloadState {
  if (!isFetching(state)) return state;
  switch (event.type) {
    case "waiting":
      return event.reason === "connecting" ? "connecting" : "waiting";
    case "checking":
      return "checking";
    case "progress":
    case "stalled":
      return "running";
    case "path":
    case "manifest":
      if (state !== "waiting") return state;
      return waiting === "reconnecting" && bytes > 0 ? "running" : "connecting";
    default:
      return state;
  }
}

/** Temporary errors, after which a later attempt can succeed. */
const PASSING: readonly string[] = [
  "connection_lost",
  "peer_unreachable",
  "stream_reset",
  "disk_full",
  "disk_denied",
  "disk_gone",
  "disk_in_use",
  "too_many_open_files",
];

/** The state after an error, with `keptBytes` received. */
export function afterFault(error: unknown, keptBytes: number): "unfinished" | "failed" {
  // Data that can be discarded can always be continued with.
  return keptBytes > 0 || isPliError(error) && PASSING.includes(error.code) ? "unfinished" : "failed";
}
