// What the page tells outside its cards: the title of the tab, the words for screen readers, and a notification
// when something is done. All of it follows the state; a screen reader hears of new states, not of progress.

import { computed, effect, signal } from "@preact/signals";
import { percent, size } from "./format.ts";
import { t } from "./language.ts";
import { type Activity, downloads, isEnded, shares } from "./store.ts";
import type { Key } from "./words/catalogue.ts";

const PROGRAM = "pli";
const NOTIFY = "pli.notify";

/** What is said to screen readers. */
export const announcement = signal("");
export const wantsNotifications = signal(localStorage.getItem(NOTIFY) === "yes");

/** Asks the browser, when the user turns notifications on; tells whether they are. */
export async function turnNotifications(on: boolean): Promise<boolean> {
  const isOn = on && "Notification" in globalThis && await Notification.requestPermission() === "granted";
  localStorage.setItem(NOTIFY, isOn ? "yes" : "no");
  wantsNotifications.value = isOn;
  return isOn;
}

/** How far all that has an end is, in bytes. */
const progress = computed(() => {
  const running = downloads.value.filter(({ state }) => state === "running" || state === "waiting");
  const preparing = shares.value.filter(({ state }) => state === "staging" || state === "hashing");
  const all = [...running, ...preparing];
  const sum = (pick: (view: { bytes: number; doneBytes: number }) => number) =>
    all.reduce((total, view) => total + pick(view), 0);
  return { done: sum(({ doneBytes }) => doneBytes), total: sum(({ bytes }) => bytes) };
});

export const tabTitle = computed(() => {
  const { done, total } = progress.value;
  return total === 0 ? PROGRAM : `${percent(done, total)} · ${PROGRAM}`;
});

/** The word for the state of a card. */
export function stateWord(activity: Activity): string {
  // Every state is the key of its word, and none of these has parameters.
  const key: Key = activity.view.state;
  return t(key as "done");
}

export function titleOf(view: { title: string | null; files: number }): string {
  return view.title ?? (view.files === 0 ? "…" : t("files", { count: view.files }));
}

/** How many files, and how much they are. */
export function extentOf({ files, bytes }: { files: number; bytes: number }): string {
  return `${t("files", { count: files })} · ${size(bytes)}`;
}

/** Follows the state until the page is gone. */
export function watchState(): void {
  effect(() => {
    document.title = tabTitle.value;
  });
  let earlier: Map<string, string> | null = null;
  effect(() => {
    const now: Activity[] = [
      ...shares.value.map((view): Activity => ({ kind: "share", view })),
      ...downloads.value.map((view): Activity => ({ kind: "download", view })),
    ];
    const before = earlier;
    earlier = new Map(now.map(({ view }) => [view.id, view.state]));
    if (before === null || before.size === 0 && now.length > 1) return;
    for (const activity of now) {
      if (before.get(activity.view.id) !== activity.view.state) tellState(activity);
    }
  });
}

function tellState(activity: Activity): void {
  const state = stateWord(activity);
  const title = titleOf(activity.view);
  announcement.value = t("announce", { title, state });
  const hasEnded = activity.kind === "share" ? isEnded.share(activity.view) : isEnded.download(activity.view);
  const isByHand = ["stopped", "cancelled"].includes(activity.view.state);
  if (!hasEnded || isByHand || !wantsNotifications.value || !document.hidden) return;
  new Notification(t("announce", { title: PROGRAM, state }), { body: title, tag: activity.view.id });
}
