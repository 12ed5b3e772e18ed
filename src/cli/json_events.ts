// Events as JSON lines. Those that only count come at most ten times a second; the last count of all always.

import type { OnEvent, TransferEvent } from "../engine/mod.ts";
import type { Output } from "./output.ts";

const INTERVAL_MS = 100;

/** A function that prints the events it is given, if JSON is wanted. */
export function jsonEvents(output: Output, nowMs: () => number = () => performance.now()): OnEvent {
  let printedMs = -Infinity;
  return (event: TransferEvent) => {
    if (event.type === "progress" || event.type === "hashing") {
      if (event.bytes < event.total && nowMs() - printedMs < INTERVAL_MS) return;
      printedMs = nowMs();
    }
    output.json(event);
  };
}
