// Actions of buttons: a call whose failure is shown, and a confirmation before what cannot be undone.

import { signal } from "@preact/signals";
import { failureOf } from "./api.ts";
import { showNotice } from "./store.ts";

/** Runs a call; a failure becomes a notice. Resolves to whether it succeeded. */
export async function act(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    showNotice({ failure: failureOf(error) });
    return false;
  }
}

export interface Question {
  /** What would be done, to what. */
  title: string;
  /** What follows from it. */
  text: string;
  yes: string;
  no: string;
  onYes: () => void;
}

export const question = signal<Question | null>(null);

export function confirmFirst(about: Omit<Question, "onYes">, work: () => Promise<unknown>): void {
  question.value = { ...about, onYes: () => void act(work) };
}
