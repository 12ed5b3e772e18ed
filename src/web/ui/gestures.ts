// Dropping and pasting anywhere on the page: files are sent, a text with a ticket is previewed. Fields and dialogs
// keep their own pasting.

import { signal } from "@preact/signals";
import { entriesOf, readEntries, readFiles } from "./drop.ts";
import { requestPreview } from "./receiving.ts";
import { findTicket } from "../../tickets/find_ticket.ts";
import { sendDropped } from "./upload.ts";

/** Whether files are held over the page. */
export const isDragging = signal(false);
/** Whether dropped folders are being read. */
export const isReading = signal(false);

export function listenForGestures(): void {
  // A drag enters and leaves every element on its way, so its end is detected by a pause in its events.
  let timer = 0;
  const ends = () => {
    clearTimeout(timer);
    isDragging.value = false;
  };
  addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
    isDragging.value = true;
    clearTimeout(timer);
    timer = setTimeout(ends, 300) as unknown as number;
  });
  addEventListener("drop", (event) => {
    ends();
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    void drop(event.dataTransfer);
  });
  addEventListener("paste", (event) => {
    if (isField(event.target) || document.querySelector("dialog[open]") !== null) return;
    const { clipboardData } = event;
    if (clipboardData === null) return;
    const files = [...clipboardData.files];
    const text = clipboardData.getData("text/plain");
    if (files.length > 0) void sendDropped(readFiles(files));
    else if (findTicket(text).kind === "ticket") void requestPreview(text);
    else return;
    event.preventDefault();
  });
}

async function drop(transfer: DataTransfer): Promise<void> {
  const entries = entriesOf(transfer.items);
  isReading.value = true;
  try {
    await sendDropped(await readEntries(entries));
  } finally {
    isReading.value = false;
  }
}

function isField(target: EventTarget | null): boolean {
  return target instanceof HTMLElement &&
    target.closest("input, textarea, select, [contenteditable]") !== null;
}
