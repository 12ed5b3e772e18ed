// The decision about a download: the offer of the chosen files of a manifest, the user's consent, and the plan that
// follows.

import { PliError } from "../../errors.ts";
import type { FetchOptions, Offer, Place } from "../../options.ts";
import type { Listed } from "../../listed.ts";
import type { DownloadPlan } from "../../store/download_plan.ts";
import { Turns } from "../../turns.ts";
import type { Manifest } from "./manifest.ts";
import { offerOf } from "./offer.ts";
import type { RemoteFile, RemoteFiles } from "./remote_files.ts";
import type { Target } from "./target.ts";

/** The chosen files, those of them that the provider has lost, and the offer of the rest. */
export interface Choice {
  files: Listed<RemoteFile>;
  lostBefore: Listed<RemoteFile>;
  offer: Offer;
}

/** Reports the manifest and makes the offer of the chosen files. Throws `source_lost` when all of them are lost. */
export async function offerTo(
  { onEvent, only, signal }: FetchOptions,
  manifest: Manifest,
  place?: Place,
): Promise<Choice> {
  const turns = new Turns(signal);
  const all = await offerOf(manifest.files, turns);
  const { files: listed, bytes, folders, hiddenFiles } = all;
  onEvent({ type: "manifest", files: listed, bytes, folders, hiddenFiles });
  const chosen = (of: RemoteFiles) => only === undefined ? of : turns.run(of.choosing(only));
  const lostBefore = await chosen(manifest.lost);
  for (const { name } of lostBefore) onEvent({ type: "source_lost", name });
  const files = await chosen(manifest.files);
  if (files.length === 0 && lostBefore.length > 0) {
    throw new PliError("source_lost", { name: lostBefore.at(0)!.name });
  }
  const offer = only === undefined ? all : await offerOf(files, turns);
  return { files, lostBefore, offer: place === undefined ? offer : { ...offer, place } };
}

/**
 * Asks for consent, then plans, because a plan of a hostile offer can be costly. Only where files may be replaced, the
 * plan comes first: the question names them. Throws `declined`, and what planning throws.
 */
export async function planWithConsent(
  target: Target,
  { destination, decide }: FetchOptions,
  { files, offer }: Pick<Choice, "files" | "offer">,
): Promise<DownloadPlan> {
  const isFolder = destination.kind === "folder";
  const replaces = isFolder && destination.existing === "overwrite";
  const name = offer.place?.name ?? null;
  const early = !isFolder || replaces ? await target.plan(files, name) : null;
  const consents = [
    ...(isFolder ? offer.consents : []),
    ...(early?.overwritten ?? []).map((name) => ({ name, reason: "overwrite" as const })),
  ];
  if (!await decide({ ...offer, consents })) throw new PliError("declined", {});
  return early ?? await target.plan(files, name);
}
