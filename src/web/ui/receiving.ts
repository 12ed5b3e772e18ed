// From a pasted text to what it would bring: the ticket is found, and its sender asked.

import { signal } from "@preact/signals";
import type { Failure, Preview } from "../contract.ts";
import { api, failureOf } from "./api.ts";
import { findTicket } from "./ticket_text.ts";

export const ticketText = signal("");
export const preview = signal<Preview | null>(null);
/** The question that is under way. */
export const asking = signal<AbortController | null>(null);
/** Why the last text brought nothing; "none" when it had no ticket. */
export const fault = signal<Failure | "none" | null>(null);

export async function lookInside(text: string): Promise<void> {
  stopAsking();
  ticketText.value = text;
  const ticket = findTicket(text);
  fault.value = ticket === null ? "none" : null;
  if (ticket === null) return;
  const controller = new AbortController();
  asking.value = controller;
  try {
    const found = await api.preview(ticket, controller.signal);
    if (!controller.signal.aborted) preview.value = found;
  } catch (error) {
    if (!controller.signal.aborted) fault.value = failureOf(error);
  } finally {
    if (asking.value === controller) asking.value = null;
  }
}

export function stopAsking(): void {
  asking.value?.abort();
  asking.value = null;
}

/** The preview is done with; `isTaken` when it became a download. */
export function closePreview(isTaken: boolean): void {
  preview.value = null;
  if (isTaken) ticketText.value = "";
}
