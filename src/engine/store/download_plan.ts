// The plan of a download into a folder: which files of a collection are downloaded, under which names, in which tree.
// Names are checked first. Nothing of the collection is created here.

import { basename } from "../paths.ts";
import { throwIfAborted } from "../abort.ts";
import type { Listed } from "../listed.ts";
import type { OnEvent } from "../events.ts";
import type { ExistingPolicy } from "../options.ts";
import type { Disk } from "../ports.ts";
import { Turns } from "../turns.ts";
import { collecting } from "../work.ts";
import type { Anchor } from "./anchor.ts";
import { checkVolumes } from "./crossed_volumes.ts";
import { type Expected, listingExpected } from "./expected_files.ts";
import { buildingTree, type TreeFolder } from "./file_tree.ts";
import { choosingLocalNames } from "./local_names.ts";
import { checkingNames } from "./names.ts";
import { type IncomingFile, place, type Placement, type SameContent } from "./placement.ts";
import type { Staging } from "./staging.ts";
import { probeVolume, type Volume } from "./volume.ts";

/** The ascending indices of the files to download, and the result of placing them. */
export interface DownloadPlan extends Placement {
  indices: readonly number[];
}

/** The decisions about a collection. */
export interface PlannedTree {
  volume: Volume;
  files: Listed<IncomingFile>;
  root: TreeFolder;
  /** The files to download that are not finished yet, by index. */
  expected: Map<number, Expected>;
}

export interface PlanOptions {
  disk: Disk;
  destination: Anchor;
  staging: Staging;
  existing: ExistingPolicy;
  sameContent: SameContent;
  onEvent: OnEvent;
  signal?: AbortSignal;
}

/**
 * Decides for every file whether it is downloaded and under which name, and emits `renamed` and `skipped`. With `name`
 * there is one file, at the top, which gets this name. Throws `name_refused`, `disk_*`, `cancelled`; nothing of the
 * collection was created then.
 */
export async function planDownload(
  files: Listed<IncomingFile>,
  name: string | null,
  options: PlanOptions,
): Promise<{ tree: PlannedTree; plan: DownloadPlan }> {
  const { disk, destination, staging, onEvent, signal } = options;
  const turns = new Turns(signal);
  const sources = await turns.run(collecting(files, ({ name }) => name));
  await turns.run(checkingNames(sources));
  throwIfAborted(signal);
  const volume = await probeVolume(disk, staging.folder.path);
  const { names, renamed } = await turns.run(choosingLocalNames(sources, volume));
  const localName = name === null ? null : await turns.run(choosingLocalNames([name], volume));
  for (const renaming of localName?.renamed ?? renamed) {
    onEvent({ type: "renamed", ...renaming, reason: "unsupported" });
  }
  const root = await turns.run(buildingTree(sources, names));
  // In the staging folder it keeps its name in the collection, under which the next run finds it.
  if (localName !== null) root.files[0].part = localName.names[0];
  root.staged = staging.files;
  const reserved = basename(staging.folder.path);
  const placement = await place(root, destination.path, files, { ...options, volume, reserved });
  const expected = await turns.run(listingExpected(root, files));
  const indices = Array.from(Uint32Array.from(expected.keys()).sort());
  await checkVolumes(root, destination, { disk, files, onEvent });
  return { tree: { volume, files, root, expected }, plan: { ...placement, indices } };
}
