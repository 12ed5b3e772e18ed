// From a pasted text to its offer: finds the ticket and requests the preview.

import { signal } from "@preact/signals";
import type { Failure, PreviewBody } from "../contract.ts";
import { api, failureOf } from "./api.ts";
import {
  findTicket,
  type FoundTicket,
  TICKET_MAXIMUM_LENGTH,
  TICKET_PREFIX,
} from "../../tickets/find_ticket.ts";

export const ticketText = signal("");
export const preview = signal<PreviewBody | null>(null);
/** The request in progress. */
export const asking = signal<AbortController | null>(null);
/** The failure of the last text; "none" if it contained no ticket. */
export const fault = signal<Failure | "none" | null>(null);

/** Shows the ticket of a text in the field, and requests nothing: that is the user's decision. */
export function fillTicket(text: string): void {
  const found = findTicket(text);
  if (found.kind === "ticket") ticketText.value = found.text;
}

export async function requestPreview(text: string): Promise<void> {
  stopAsking();
  ticketText.value = text;
  const found = findTicket(text);
  fault.value = faultOf(found);
  if (fault.value !== null || found.kind === "unfinished") return;
  const ticket = found.text.slice(0, TICKET_MAXIMUM_LENGTH);
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

/** The failure of a text without a request; null for a ticket, and for a text that the server must check. */
function faultOf(found: FoundTicket): Failure | "none" | null {
  if (found.kind === "unfinished") return { code: "ticket_malformed", parameters: { fault: "cut_short" } };
  return found.text.toLowerCase().startsWith(TICKET_PREFIX) ? null : "none";
}

export function stopAsking(): void {
  asking.value?.abort();
  asking.value = null;
}

/** Closes the preview; `isTaken` if a download was started. */
export function closePreview(isTaken: boolean): void {
  preview.value = null;
  if (isTaken) ticketText.value = "";
}
