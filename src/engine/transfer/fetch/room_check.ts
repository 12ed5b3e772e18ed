// Checks whether a volume has room for a download: bytes in whole blocks, folders, and, where the system reports them,
// inodes. Too little room needs consent and is not an error, because it may be freed meanwhile, and because a volume
// that compresses can store more than it reports.

import type { EventOf } from "../../events.ts";
import type { Listed } from "../../listed.ts";
import type { Offer, RoomConsent } from "../../options.ts";
import { type Piece, pieceBytes } from "../../store/pieces.ts";
import type { RemoteFile } from "./remote_files.ts";
import type { Target } from "./target.ts";

/** A lack of room, as its event reports it. */
export type ShortRoom = EventOf<"space_short" | "inodes_short">;

/** Whether the target may have too little room for all of an offer, whatever of it is there already. */
export async function mayBeShort(target: Target, { files, folders, bytes }: Offer): Promise<boolean> {
  const room = await target.room();
  if (room === null) return false;
  const { freeBytes, freeInodes, blockBytes } = room;
  const entries = files.length + folders;
  return freeBytes < bytes + entries * blockBytes || (freeInodes !== null && freeInodes < entries);
}

/** The lack of room for these pieces. */
export async function shortRoom(
  target: Target,
  pieces: readonly Piece[],
  files: Listed<RemoteFile>,
): Promise<ShortRoom[]> {
  const room = await target.room();
  if (room === null) return [];
  const { freeBytes, freeInodes, blockBytes } = room;
  const folders = await target.missingFolders();
  let neededBytes = folders * blockBytes;
  let neededFiles = 0;
  for (const piece of pieces) {
    neededBytes += inBlocks(pieceBytes(piece, files), blockBytes);
    // A file that an earlier run began has its first block, and its inode already.
    if (piece.firstBlock === 0) neededFiles++;
  }
  const short: ShortRoom[] = [];
  if (freeBytes < neededBytes) short.push({ type: "space_short", neededBytes, freeBytes });
  const needed = neededFiles + folders;
  if (freeInodes !== null && freeInodes < needed) {
    short.push({ type: "inodes_short", needed, free: freeInodes });
  }
  return short;
}

/** The consent that a lack of room in a folder needs. */
export function roomConsent(short: ShortRoom, folder: string): RoomConsent {
  const { type: reason, ...amounts } = short;
  return { reason, name: folder, ...amounts } as RoomConsent;
}

function inBlocks(bytes: number, blockBytes: number): number {
  return blockBytes === 0 ? bytes : Math.ceil(bytes / blockBytes) * blockBytes;
}
