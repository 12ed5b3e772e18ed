// Brings dropped files to the server: some at a time, in order. How far it is comes back as events of the share.
// This is the one thing that ends when the tab is closed.

import { computed, signal } from "@preact/signals";
import type { ShareView } from "../contract.ts";
import { api, failureOf } from "./api.ts";
import type { Dropped, DroppedFile } from "./drop.ts";
import { t } from "./language.ts";
import { tell } from "./store.ts";

const AT_ONCE = 4;

const uploads = signal<ReadonlyMap<string, AbortController>>(new Map());
export const isUploading = computed(() => uploads.value.size > 0);

/** Who may receive what is sent next. */
export const keepNext = signal(false);

/** Sends what was dropped. Never rejects: what goes wrong is told. */
export async function sendDropped({ files, skipped }: Dropped): Promise<void> {
  if (files.length === 0) return tell(skipped.length > 0 ? { skipped } : { text: t("nothingDropped") });
  try {
    const bytes = files.reduce((sum, { file }) => sum + file.size, 0);
    const { id } = await api.upload({
      files: files.length,
      bytes,
      title: titleOf(files),
      keep: keepNext.value,
      skipped,
    });
    await bring(id, files);
  } catch (error) {
    tell({ failure: failureOf(error) });
  }
}

/** The only name at the top; null for several. */
function titleOf(files: readonly DroppedFile[]): string | null {
  const names = new Set(files.map(({ name }) => name.split("/")[0]));
  return names.size === 1 ? [...names][0] : null;
}

async function bring(id: string, files: readonly DroppedFile[]): Promise<void> {
  const controller = new AbortController();
  uploads.value = new Map(uploads.value).set(id, controller);
  try {
    const queue = files.values();
    await Promise.all(Array.from({ length: AT_ONCE }, () => drain(queue, id, controller)));
    if (!controller.signal.aborted) await api.completeUpload(id);
  } finally {
    const rest = new Map(uploads.value);
    rest.delete(id);
    uploads.value = rest;
  }
}

/** Takes files from the queue until it is empty; the first that fails ends them all. */
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
      // The browser tells of a file that it cannot read any more as of a network that failed.
      const isOurs = failure.code === "offline" || failure.code === "unknown";
      tell({ failure: isOurs ? { code: "upload_failed", parameters: { name } } : failure });
      await api.cancelUpload(id).catch(() => {});
    }
  }
}

/** Stops a share, or what is still being brought for it. */
export async function stopShare({ id, state }: ShareView): Promise<void> {
  uploads.value.get(id)?.abort();
  await (state === "staging" ? api.cancelUpload(id) : api.stopShare(id));
}

/** A browser asks before it closes a tab that still brings files. */
export function warnWhileUploading(): void {
  addEventListener("beforeunload", (event) => {
    if (isUploading.value) event.preventDefault();
  });
}
