// The figures of a download's card, equal to those of the terminal's progress line, from the same view.

import { fill } from "../../words/sentence.ts";
import type { DownloadView } from "../contract.ts";
import { duration, size, speed } from "./format.ts";
import { t, voice, words } from "./language.ts";

export interface DownloadFigures {
  /** Progress, speed and time left. */
  moving: string[];
  /** Duration of a stall; null while data arrives. */
  stalled: string | null;
  /** Reason for a wait; null if there is none. */
  waiting: string | null;
}

/** Whether the offer is known; its size may be 0. */
export function isSizeKnown({ files, bytes }: DownloadView): boolean {
  return files > 0 || bytes > 0;
}

export function figuresOf(view: DownloadView): DownloadFigures {
  const { state, files, filesDone, bytes, doneBytes, bytesPerSecond, stalledSeconds, waiting } = view;
  const isRunning = state === "running";
  const moving: string[] = [];
  if (isSizeKnown(view)) moving.push(t("progressOf", { done: size(doneBytes), total: size(bytes) }));
  if (files > 1) moving.push(t("filesOf", { done: filesDone, count: files }));
  if (isRunning && bytesPerSecond !== null) {
    moving.push(speed(bytesPerSecond));
    const secondsLeft = Math.ceil((bytes - doneBytes) / bytesPerSecond);
    if (bytesPerSecond > 0 && doneBytes < bytes) moving.push(t("timeLeft", { time: duration(secondsLeft) }));
  }
  return {
    moving,
    stalled: isRunning && stalledSeconds !== null
      ? fill(words.value.stalls.receiving, { time: duration(stalledSeconds) }, voice.value)
      : null,
    waiting: state === "waiting" && waiting !== null ? words.value.waits[waiting] : null,
  };
}
