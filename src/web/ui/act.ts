// What buttons do: a call whose failure is told, and a question before what cannot be undone.

import { signal } from "@preact/signals";
import { failureOf } from "./api.ts";
import { tell } from "./store.ts";

/** Runs a call; its failure becomes a notice. Tells whether it went well. */
export async function act(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    tell({ failure: failureOf(error) });
    return false;
  }
}

export interface Question {
  text: string;
  yes: string;
  onYes: () => void;
}

export const question = signal<Question | null>(null);

export function askFirst(text: string, yes: string, work: () => Promise<unknown>): void {
  question.value = { text, yes, onYes: () => void act(work) };
}
