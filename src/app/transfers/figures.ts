// The figures of a transfer for terminal, page and JSON lines: progress, speed and stalls. Pure: time is passed in.

import type { TransferEvent } from "../../engine/mod.ts";
import { type Speed, speedAfter } from "./speed.ts";

export interface Figures {
  bytes: number;
  totalBytes: number;
  files: number;
  /** Null while it is unknown: at first and during a stall. */
  bytesPerSecond: number | null;
  /** Null unless the transfer is stalled. */
  stalledSeconds: number | null;
}

/** Figures, and the samples of their speed. */
export interface MeasuredFigures {
  readonly shown: Figures;
  readonly speed: Speed | null;
}

/** Before the first event. */
export const NO_FIGURES: MeasuredFigures = {
  shown: { bytes: 0, totalBytes: 0, files: 0, bytesPerSecond: null, stalledSeconds: null },
  speed: null,
};

/** The figures after an event of the transfer or of hashing; no count falls. */
export function figuresAfter(figures: MeasuredFigures, event: TransferEvent, nowMs: number): MeasuredFigures {
  switch (event.type) {
    case "hashing":
    case "progress": {
      const bytes = Math.max(figures.shown.bytes, event.bytes);
      const speed = speedAfter(figures.speed, bytes, nowMs);
      const shown: Figures = {
        bytes,
        totalBytes: event.total,
        files: Math.max(figures.shown.files, event.files),
        bytesPerSecond: bytes < event.total ? speed.bytesPerSecond : null,
        stalledSeconds: null,
      };
      return { shown, speed };
    }
    case "stalled":
      return stopped(figures, event.seconds);
    case "waiting":
    case "checking":
      return stopped(figures, null);
    default:
      return figures;
  }
}

/** Drops the samples, so that the time of the stall is not averaged into the next speed. */
function stopped({ shown }: MeasuredFigures, stalledSeconds: number | null): MeasuredFigures {
  return { shown: { ...shown, bytesPerSecond: null, stalledSeconds }, speed: null };
}
