// The volumes that a download is written to: that of the destination, and those mounted in merged folders of it. Their
// room is compared with the planned sizes before the first byte.

import { join } from "../paths.ts";
import { HASH_BYTES } from "../bao/geometry.ts";
import { isPliError, PliError } from "../errors.ts";
import type { OnEvent } from "../events.ts";
import type { Listed } from "../listed.ts";
import type { Disk } from "../ports.ts";

import type { Anchor } from "./anchor.ts";
import { batches } from "./bounded.ts";
import { newStagingName } from "../staging_name.ts";
import { listFolders, type TreeFile, type TreeFolder } from "./file_tree.ts";
import type { IncomingFile } from "./placement.ts";
import { folderError } from "./shown_path.ts";

/** Names in one disk query. */
const QUERY_NAMES = 256;

/** The planned load of one volume. `path` is the first folder on it that is written to. */
interface Load {
  path: string;
  neededBytes: number;
  largest: IncomingFile | null;
}

/** An existing folder in the destination, and what is planned in it. */
interface Existing {
  folder: TreeFolder;
  path: string;
  device: number;
}

export interface VolumeCheck {
  disk: Disk;
  files: Listed<IncomingFile>;
  onEvent: OnEvent;
}

/**
 * Emits `volume_crossed` for each volume other than that of the destination, and `space_short` for such a volume with
 * too little room. Throws `disk_file_too_large` for a file that exceeds the maximum of its volume, and `disk_*`, also
 * for a volume that is not writable.
 */
export async function checkVolumes(
  root: TreeFolder,
  destination: Anchor,
  check: VolumeCheck,
): Promise<void> {
  const { disk, onEvent } = check;
  for (const [device, { path, neededBytes, largest }] of await loadsOf(root, destination, check)) {
    const room = await disk.room(path);
    if (largest !== null && largest.sizeBytes > (room?.largestFileBytes ?? Infinity)) {
      throw new PliError("disk_file_too_large", { path: join(destination.path, largest.name) });
    }
    if (device === destination.status.device) continue;
    onEvent({ type: "volume_crossed", path });
    await checkWritable(disk, path);
    const freeBytes = room?.freeBytes ?? Infinity;
    if (freeBytes < neededBytes) onEvent({ type: "space_short", neededBytes, freeBytes });
  }
}

/** Throws `disk_*` for a folder in which no folder can be created, as copies need one. */
async function checkWritable(disk: Disk, path: string): Promise<void> {
  const probe = join(path, newStagingName(crypto.getRandomValues(new Uint8Array(HASH_BYTES))));
  try {
    if (await disk.makeFolder(probe, true)) await disk.remove(probe);
  } catch (error) {
    throw folderError(error, path, path);
  }
}

/** The load of each volume, by its device. */
async function loadsOf(
  root: TreeFolder,
  destination: Anchor,
  check: VolumeCheck,
): Promise<Map<number, Load>> {
  const loads = new Map<number, Load>();
  const add = ({ path, device }: Existing, incoming: readonly TreeFile[]): void => {
    if (incoming.length === 0) return;
    const load = loads.get(device) ?? { path, neededBytes: 0, largest: null };
    loads.set(device, load);
    for (const { index } of incoming) {
      const file = check.files.at(index)!;
      load.neededBytes += file.sizeBytes;
      if (file.sizeBytes > (load.largest?.sizeBytes ?? -1)) load.largest = file;
    }
  };
  const waiting: Existing[] = [{ folder: root, path: destination.path, device: destination.status.device }];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    add(at, at.folder.files);
    for (const batch of batches(at.folder.folders, QUERY_NAMES)) {
      const paths = batch.map(({ part }) => join(at.path, part));
      const found = await check.disk.statuses(paths);
      for (const [number, folder] of batch.entries()) {
        const status = found[number];
        if (status !== null && !isPliError(status) && status.kind === "folder") {
          waiting.push({ folder, path: paths[number], device: status.device });
        } else for (const { files } of listFolders(folder)) add(at, files);
      }
    }
  }
  return loads;
}
