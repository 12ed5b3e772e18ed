// Uploads dropped files, several at a time, in order. The progress is reported by events of the share. Uploads are the
// only thing that ends with the tab.

import { computed, signal } from "@preact/signals";
import type { ShareView, Title } from "../contract.ts";
import { api, failureOf } from "./api.ts";
import type { Dropped, DroppedFile } from "./drop.ts";
import { batchBlob, batchesOf } from "./upload_batches.ts";
import { t } from "./language.ts";
import { showShare } from "./stage.ts";
import { showNotice } from "./store.ts";

/** Of the six connections of a browser to a server, most stay free for the events and actions of its tabs. */
const MAXIMUM_UPLOADS = 2;

const uploads = signal<ReadonlyMap<string, AbortController>>(new Map());
export const isUploading = computed(() => uploads.value.size > 0);

/** Whether the next share is a kept one. */
export const keepNext = signal(false);

/** Sends dropped files. Never rejects: errors are shown. */
export async function sendDropped({ files, skipped }: Dropped): Promise<void> {
  if (files.length === 0) return showNotice(skipped.length > 0 ? { skipped } : { text: t("nothingDropped") });
  try {
    const bytes = files.reduce((sum, { file }) => sum + file.size, 0);
    const { id } = await api.upload({
      files: files.length,
      bytes,
      ...titleOf(files),
      keep: keepNext.value,
      skipped,
    });
    showShare(id);
    await uploadFiles(id, files);
  } catch (error) {
    showNotice({ failure: failureOf(error) });
  }
}

function titleOf(files: readonly DroppedFile[]): Title {
  const [title, ...others] = [...new Set(files.map(({ name }) => name.split("/")[0]))].sort();
  return { title, otherNames: others.length };
}

async function uploadFiles(id: string, files: readonly DroppedFile[]): Promise<void> {
  const controller = new AbortController();
  uploads.value = new Map(uploads.value).set(id, controller);
  try {
    const queue = batchesOf(files).values();
    await Promise.all(Array.from({ length: MAXIMUM_UPLOADS }, () => drain(queue, id, controller)));
    if (!controller.signal.aborted) await api.completeUpload(id);
  } finally {
    const rest = new Map(uploads.value);
    rest.delete(id);
    uploads.value = rest;
  }
}

/** Uploads batches from the queue until it is empty; the first failure ends all. */
async function drain(
  queue: Iterator<readonly DroppedFile[]>,
  id: string,
  controller: AbortController,
): Promise<void> {
  for (let next = queue.next(); !next.done; next = queue.next()) {
    if (controller.signal.aborted) return;
    try {
      await api.uploadFiles(id, batchBlob(next.value), controller.signal);
    } catch (error) {
      if (controller.signal.aborted) return;
      controller.abort();
      const unreadable = await firstUnreadable(next.value);
      showNotice({
        failure: unreadable === null
          ? failureOf(error)
          : { code: "upload_failed", parameters: { name: unreadable } },
      });
      await api.cancelUpload(id).catch(() => {});
    }
  }
}

/** The name of the first file that cannot be read, which the browser reports as a network error; null if all can. */
async function firstUnreadable(files: readonly DroppedFile[]): Promise<string | null> {
  for (const { name, file } of files) {
    const isReadable = await file.slice(0, 1).arrayBuffer().then(() => true, () => false);
    if (!isReadable) return name;
  }
  return null;
}

/** Stops a share or its upload. */
export async function stopShare({ id, state }: ShareView): Promise<void> {
  uploads.value.get(id)?.abort();
  await (state === "staging" ? api.cancelUpload(id) : api.stopShare(id));
}

/** Makes the browser ask before it closes a tab with running uploads, and cancels them when it does. */
export function warnWhileUploading(): void {
  addEventListener("beforeunload", (event) => {
    if (isUploading.value) event.preventDefault();
  });
  addEventListener("pagehide", () => {
    for (const id of uploads.value.keys()) api.abandonUpload(id).catch(() => {});
  });
}
