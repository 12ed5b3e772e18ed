// The progress line as text: a bar, then what matters most first, as much as the window is wide. It is pli's
// own, because a hundred lines do exactly this and the packages for it bring a screen to manage.

import type { Words } from "./words.ts";

const BAR_MINIMUM = 8;
const BAR_MAXIMUM = 24;
/** How far and how much: these are shown before there is a bar. */
const ESSENTIAL_PARTS = 2;
const GAP = "  ";

export interface ProgressState {
  /** What is going on, in a word; null when the numbers say it. */
  doing: string | null;
  bytes: number;
  totalBytes: number;
  bytesPerSecond: number | null;
  files: number;
  /** Null when it is not known. */
  totalFiles: number | null;
  /** `direct 203.0.113.7`; null when it is not known. */
  path: string | null;
}

/** One line, shorter than the window is wide. */
export function progressLine(state: ProgressState, columns: number, words: Words): string {
  const room = columns - 1;
  const parts = partsOf(state, words);
  const widthWithBar = () => BAR_MINIMUM + GAP.length + parts.join(GAP).length;
  while (parts.length > ESSENTIAL_PARTS && widthWithBar() > room) parts.pop();
  while (parts.length > 1 && parts.join(GAP).length > room) parts.pop();
  const text = parts.join(GAP);
  const barWidth = Math.min(BAR_MAXIMUM, room - text.length - GAP.length);
  const line = barWidth < BAR_MINIMUM ? text : bar(fraction(state), barWidth) + GAP + text;
  return line.slice(0, Math.max(0, room));
}

/** A line for a moment in which nothing is counted. */
export function waitingLine(words: string, columns: number): string {
  return words.slice(0, Math.max(0, columns - 1));
}

function partsOf(state: ProgressState, words: Words): string[] {
  const { doing, bytes, totalBytes, bytesPerSecond, files, totalFiles, path } = state;
  const { amounts } = words;
  // Nothing to do is done.
  const percent = amounts.percent(totalBytes === 0 ? 1 : bytes, totalBytes || 1);
  const parts = [
    doing === null ? percent : `${doing} ${percent}`,
    words.say("doneOf", { done: words.size(bytes), total: words.size(totalBytes) }),
  ];
  if (bytesPerSecond !== null) parts.push(amounts.speed(bytesPerSecond));
  if (bytesPerSecond !== null && bytesPerSecond > 0 && bytes < totalBytes) {
    const seconds = Math.ceil((totalBytes - bytes) / bytesPerSecond);
    parts.push(words.say("timeLeft", { time: amounts.duration(seconds) }));
  }
  if (path !== null) parts.push(path);
  parts.push(
    totalFiles === null ? words.files(files) : words.say("filesOf", { done: files, count: totalFiles }),
  );
  return parts;
}

function fraction({ bytes, totalBytes }: ProgressState): number {
  return totalBytes === 0 ? 1 : Math.min(1, bytes / totalBytes);
}

function bar(part: number, width: number): string {
  const full = Math.floor(part * width);
  return "█".repeat(full) + "░".repeat(width - full);
}
