// The decision about a download: the offer of the chosen files of a manifest, the user's consent, and the plan that
// follows.

import { orAborted } from "../../abort.ts";
import { PliError } from "../../errors.ts";
import type { FetchOptions, Offer, Place } from "../../options.ts";
import type { Listed } from "../../listed.ts";
import type { DownloadPlan } from "../../store/download_plan.ts";
import type { Piece } from "../../store/pieces.ts";
import { Turns } from "../../turns.ts";
import type { Manifest } from "./manifest.ts";
import { offerOf } from "./offer.ts";
import type { RemoteFile, RemoteFiles } from "./remote_files.ts";
import { mayBeShort, roomConsent, shortRoom } from "./room_check.ts";
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

/** The plan of a download, and its missing pieces. */
export interface ConsentedPlan {
  plan: DownloadPlan;
  pieces: readonly Piece[];
}

/**
 * Asks for consent, then plans, because a plan of a hostile offer can be costly. Only where files may be replaced, or
 * where the volume may have too little room, the plan comes first: the question names them. Then the data of an earlier
 * run is checked. Throws `declined`, and what planning throws.
 */
export async function planWithConsent(
  target: Target,
  { destination, decide, onEvent, signal }: FetchOptions,
  { files, offer }: Pick<Choice, "files" | "offer">,
): Promise<ConsentedPlan> {
  let checkedBytes = 0;
  const resume = () =>
    target.resume((bytes) => {
      checkedBytes += bytes;
      onEvent({ type: "checking", bytes: checkedBytes });
    });
  const isFolder = destination.kind === "folder";
  const replaces = isFolder && destination.existing === "overwrite";
  const name = offer.place?.name ?? null;
  const isTight = isFolder && await mayBeShort(target, offer);
  const early = !isFolder || replaces || isTight ? await target.plan(files, name) : null;
  const missing = isTight ? await resume() : null;
  const short = missing === null ? [] : await shortRoom(target, missing, files);
  const consents = [
    ...(isFolder ? offer.consents : []),
    ...(early?.overwritten ?? []).map((name) => ({ name, reason: "overwrite" as const })),
    ...(isFolder ? short.map((one) => roomConsent(one, offer.place?.folder ?? destination.folder)) : []),
  ];
  if (!await orAborted(decide({ ...offer, consents }), signal)) throw new PliError("declined", {});
  short.forEach(onEvent);
  const plan = early ?? await target.plan(files, name);
  return { plan, pieces: missing ?? await resume() };
}
