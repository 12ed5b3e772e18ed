// Creates history entries from deliveries and finished downloads. Pure.

import { join } from "node:path";
import type { Fetched } from "../engine/mod.ts";
import type { NewEntry } from "./history.ts";
import { titleOfEntry, topsOf } from "./titles.ts";
import type { ShareInput } from "./transfers/share_view.ts";
import type { ShareView } from "./views.ts";

/**
 * The entry of a share when an input reports a complete delivery; null otherwise. `paths` are the user's paths, empty
 * for staged files.
 */
export function sentEntry(
  { title, otherNames, files, bytes, missing: leftOut }: ShareView,
  input: ShareInput,
  { paths, endedAt }: Pick<NewEntry, "paths" | "endedAt">,
): NewEntry | null {
  if (input.type !== "delivered" && input.type !== "sent") return null;
  const sent = input.type === "delivered" ? input : { files, bytes };
  const lost = input.type === "delivered" ? input.lost?.length ?? 0 : 0;
  return {
    kind: "sent",
    title: titleOfEntry({ title, otherNames }),
    files: sent.files,
    bytes: sent.bytes,
    missing: leftOut + lost,
    notChosen: Math.max(0, files - sent.files - lost),
    endedAt,
    paths,
  };
}

/**
 * The entry of a finished download; `folder` is null if its bytes went to standard output, and `notChosen` is the
 * number of files of the ticket that were not chosen.
 */
export function receivedEntry(
  { title, folder, notChosen }: { title: string | null; folder: string | null; notChosen: number },
  { files, bytes, names, lost }: Pick<Fetched, "files" | "bytes" | "names" | "lost">,
  endedAt: number,
): NewEntry {
  const paths = folder === null ? [] : topsOf(names).map((name) => join(folder, name));
  const places = folder !== null && paths.length === 0 ? [folder] : paths;
  const missing = lost.length;
  return { kind: "received", title, files, bytes, missing, notChosen, endedAt, paths: places };
}
