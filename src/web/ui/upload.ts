// Uploads dropped files, several at a time, in order. The progress is reported by events of the share. Uploads are the
// only thing that ends with the tab.

import { computed, signal } from "@preact/signals";
import type { ShareView, Title } from "../contract.ts";
import { api, failureOf } from "./api.ts";
import type { Dropped, DroppedFile } from "./drop.ts";
import { t } from "./language.ts";
import { showNotice } from "./store.ts";

const MAXIMUM_UPLOADS = 4;

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
    const queue = files.values();
    await Promise.all(Array.from({ length: MAXIMUM_UPLOADS }, () => drain(queue, id, controller)));
    if (!controller.signal.aborted) await api.completeUpload(id);
  } finally {
    const rest = new Map(uploads.value);
    rest.delete(id);
    uploads.value = rest;
  }
}

/** Uploads files from the queue until it is empty; the first failure ends all. */
async function drain(
  queue: Iterator<DroppedFile>,
  id: string,
  controller: AbortController,
): Promise<void> {
  for (let next = queue.next(); !next.done; next = queue.next()) {
    if (controller.signal.aborted) return;
    const { name, file } = next.value;
    try {
      await api.uploadFile(id, name, file, controller.signal);
    } catch (error) {
      if (controller.signal.aborted) return;
      controller.abort();
      const failure = failureOf(error);
      // The browser reports an unreadable file as a network error.
      const isReadError = failure.code === "offline" || failure.code === "unknown";
      showNotice({ failure: isReadError ? { code: "upload_failed", parameters: { name } } : failure });
      await api.cancelUpload(id).catch(() => {});
    }
  }
}

/** Stops a share or its upload. */
export async function stopShare({ id, state }: ShareView): Promise<void> {
  uploads.value.get(id)?.abort();
  await (state === "staging" ? api.cancelUpload(id) : api.stopShare(id));
}

/** Makes the browser ask before it closes a tab with running uploads. */
export function warnWhileUploading(): void {
  addEventListener("beforeunload", (event) => {
    if (isUploading.value) event.preventDefault();
  });
}
