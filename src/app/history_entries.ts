// Creates history entries from deliveries and finished downloads. Pure.

import { join } from "node:path";
import type { Fetched } from "../engine/mod.ts";
import type { NewEntry } from "./history.ts";
import { topsOf } from "./titles.ts";
import type { ShareInput } from "./transfers/share_view.ts";
import type { ShareView } from "./views.ts";

/**
 * The entry of a share when an input reports a complete delivery; null otherwise. `paths` are the user's paths, empty
 * for staged files.
 */
export function sentEntry(
  { title, files, bytes }: ShareView,
  input: ShareInput,
  { paths, endedAt }: Pick<NewEntry, "paths" | "endedAt">,
): NewEntry | null {
  if (input.type !== "delivered" && input.type !== "sent") return null;
  const sent = input.type === "delivered" ? input : { files, bytes };
  return { kind: "sent", title, files: sent.files, bytes: sent.bytes, endedAt, paths };
}

/** The entry of a finished download; `folder` is null if its bytes went to standard output. */
export function receivedEntry(
  { title, folder }: { title: string | null; folder: string | null },
  { files, bytes, names }: Pick<Fetched, "files" | "bytes" | "names">,
  endedAt: number,
): NewEntry {
  const paths = folder === null ? [] : topsOf(names).map((name) => join(folder, name));
  const places = folder !== null && paths.length === 0 ? [folder] : paths;
  return { kind: "received", title, files, bytes, endedAt, paths: places };
}
