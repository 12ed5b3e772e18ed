// What is on the stage, the upper part of the page: the start, or the share that was begun last.

import { computed, signal } from "@preact/signals";
import { shares } from "./store.ts";

const shownId = signal<string | null>(null);

/** The share on the stage; null while the start is there. */
export const shareOnStage = computed(() => shares.value.find(({ id }) => id === shownId.value) ?? null);

/** Puts a share on the stage, with its ticket. */
export function showShare(id: string): void {
  shownId.value = id;
}

/** Brings the start back; the share goes on. */
export function showStart(): void {
  shownId.value = null;
}
