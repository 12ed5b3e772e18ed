// Output outside of the cards: the title of the tab, announcements for screen readers, and a notification when a
// transfer ends. Screen readers get new states, not progress.

import { computed, effect, signal } from "@preact/signals";
import { percent, size } from "./format.ts";
import type { HistoryEntry, ReceiverView, Title } from "../contract.ts";
import { entryTitleInWords, titleInWords } from "../../words/titles.ts";
import { t, voice, words } from "./language.ts";
import { type Activity, downloads, isEnded, shares } from "./store.ts";
import type { Key } from "./words/catalogue.ts";

const PROGRAM = "pli";
const NOTIFY = "pli.notify";

/** The last announcement. */
export const announcement = signal("");
export const wantsNotifications = signal(localStorage.getItem(NOTIFY) === "yes");

/** Asks the browser for permission when the user turns notifications on; resolves to whether they are on. */
export async function turnNotifications(on: boolean): Promise<boolean> {
  const isOn = on && "Notification" in globalThis && await Notification.requestPermission() === "granted";
  localStorage.setItem(NOTIFY, isOn ? "yes" : "no");
  wantsNotifications.value = isOn;
  return isOn;
}

/** Progress of all transfers with a known size, in bytes. */
const progress = computed(() => {
  const running = downloads.value.filter(({ state }) => state === "running" || state === "waiting");
  const preparing = shares.value.filter(({ state }) => state === "staging" || state === "hashing");
  const sending = shares.value.flatMap(({ bytes, receivers }) =>
    receivers.filter(isTaking).map((receiver) => ({ bytes, doneBytes: receiver.bytes }))
  );
  const all = [...running, ...preparing, ...sending];
  const sum = (pick: (view: { bytes: number; doneBytes: number }) => number) =>
    all.reduce((total, view) => total + pick(view), 0);
  return { done: sum(({ doneBytes }) => doneBytes), total: sum(({ bytes }) => bytes) };
});

export const tabTitle = computed(() => {
  const { done, total } = progress.value;
  return total === 0 ? PROGRAM : `${percent(done, total)} · ${PROGRAM}`;
});

function isTaking({ state, hasAll }: ReceiverView): boolean {
  return state === "receiving" && !hasAll;
}

/** The word for the state of a card. */
export function stateWord(activity: Activity): string {
  const { kind, view } = activity;
  if (kind === "share" && view.state === "serving" && view.receivers.some(isTaking)) return t("sending");
  // Every state is the key of its word, without parameters.
  const key: Key = view.state;
  return t(key as "done");
}

/** The title of a card or a preview, with escaped names. */
export function titleOf(view: Title & { files: number }): string {
  return titleInWords(view, words.value, voice.value);
}

/** The same of an entry of the history. */
export function titleOfEntry(entry: HistoryEntry): string {
  return entryTitleInWords(entry, words.value, voice.value);
}

/** Number of files, of folders if known, and total size. */
export function extentOf(
  { files, folders = 0, bytes }: { files: number; folders?: number; bytes: number },
): string {
  const count = t("files", { count: files });
  const where = folders === 0 ? count : t("filesInFolders", {
    files: count,
    folders: t("folders", { count: folders }),
  });
  return `${where} · ${size(bytes)}`;
}

/** Follows the state until the page is closed. */
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
      if (before.get(activity.view.id) !== activity.view.state) announceState(activity);
    }
  });
}

function announceState(activity: Activity): void {
  const state = stateWord(activity);
  const title = titleOf(activity.view);
  announcement.value = t("announce", { title, state });
  const hasEnded = activity.kind === "share" ? isEnded.share(activity.view) : isEnded.download(activity.view);
  const isByHand = activity.view.state === "stopped";
  if (!hasEnded || isByHand || !wantsNotifications.value || !document.hidden) return;
  new Notification(t("announce", { title: PROGRAM, state }), { body: title, tag: activity.view.id });
}
