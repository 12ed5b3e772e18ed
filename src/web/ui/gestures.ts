// Dropping and pasting anywhere on the page: files are sent, the ticket of a text is previewed, also that of a text file.
// Fields and dialogs keep their own pasting.

import { signal } from "@preact/signals";
import { entriesOf, readEntries, readFiles } from "./drop.ts";
import { requestPreview } from "./receiving.ts";
import { showStart } from "./stage.ts";
import { findTicket, TICKET_MAXIMUM_LENGTH } from "../../tickets/find_ticket.ts";
import { sendDropped } from "./upload.ts";

/** Maximum of a text file that may have a ticket, with a message around it. */
const TICKET_FILE_BYTES = 4 * TICKET_MAXIMUM_LENGTH;
/** The types of a drag that is not one of files. */
const TEXTS = ["text/uri-list", "text/plain"];

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
    const { dataTransfer } = event;
    if (dataTransfer === null || !isTaken(dataTransfer, event.target)) return;
    event.preventDefault();
    dataTransfer.dropEffect = "copy";
    if (!hasFiles(dataTransfer)) return;
    isDragging.value = true;
    clearTimeout(timer);
    timer = setTimeout(ends, 300) as unknown as number;
  });
  addEventListener("drop", (event) => {
    ends();
    const { dataTransfer } = event;
    if (dataTransfer === null || !isTaken(dataTransfer, event.target)) return;
    event.preventDefault();
    void take(dataTransfer, () => drop(dataTransfer));
  });
  addEventListener("paste", (event) => {
    const { clipboardData } = event;
    if (clipboardData === null || isField(event.target)) return;
    if (document.querySelector("dialog[open]") !== null || !isTaken(clipboardData, null)) return;
    event.preventDefault();
    const files = [...clipboardData.files];
    void take(clipboardData, () => sendDropped(readFiles(files)));
  });
}

function hasFiles({ types }: DataTransfer): boolean {
  return types.includes("Files");
}

/** Files are taken wherever they are dropped; a text is not if it is dropped on a field. */
function isTaken(transfer: DataTransfer, target: EventTarget | null): boolean {
  return hasFiles(transfer) || (TEXTS.some((type) => transfer.types.includes(type)) && !isField(target));
}

/** Previews the ticket of a text or of the only file; otherwise sends the files. */
async function take(transfer: DataTransfer, send: () => Promise<void>): Promise<void> {
  if (!hasFiles(transfer)) {
    return await receive(TEXTS.map((type) => transfer.getData(type)).find((text) => text !== "") ?? "");
  }
  const [file, ...others] = transfer.files;
  const mayBeTicket = file !== undefined && others.length === 0 && /\.txt$/i.test(file.name) &&
    file.size <= TICKET_FILE_BYTES;
  // The files of a transfer cannot be listed after its event.
  if (!mayBeTicket) return await send();
  const text = await file.text().catch(() => "");
  return await (findTicket(text).kind === "ticket" ? receive(text) : sendDropped(readFiles([file])));
}

/** The start shows the answer, and why a text cannot be used. */
async function receive(text: string): Promise<void> {
  showStart();
  await requestPreview(text);
}

async function drop(transfer: DataTransfer): Promise<void> {
  const entries = entriesOf(transfer.items);
  isReading.value = entries.some(({ isDirectory }) => isDirectory);
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
