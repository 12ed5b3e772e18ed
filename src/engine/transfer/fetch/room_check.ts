// Checks whether a volume has room for a download: bytes in whole blocks, folders, and, where the system reports them,
// inodes. Too little room is reported and not an error, because it may be freed meanwhile.

import type { OnEvent } from "../../events.ts";
import type { Listed } from "../../listed.ts";
import { type Piece, pieceBytes } from "../../store/pieces.ts";
import type { RemoteFile } from "./remote_files.ts";
import type { Target } from "./target.ts";

/** Reports `space_short` and `inodes_short` when the target has too little room for these pieces. */
export async function reportShortRoom(
  target: Target,
  pieces: readonly Piece[],
  files: Listed<RemoteFile>,
  onEvent: OnEvent,
): Promise<void> {
  const room = await target.room();
  if (room === null) return;
  const { freeBytes, freeInodes, blockBytes } = room;
  const folders = await target.missingFolders();
  let neededBytes = folders * blockBytes;
  let neededFiles = 0;
  for (const piece of pieces) {
    neededBytes += inBlocks(pieceBytes(piece, files), blockBytes);
    // A file that an earlier run began has its first block, and its inode already.
    if (piece.firstBlock === 0) neededFiles++;
  }
  if (freeBytes < neededBytes) onEvent({ type: "space_short", neededBytes, freeBytes });
  const needed = neededFiles + folders;
  if (freeInodes !== null && freeInodes < needed) {
    onEvent({ type: "inodes_short", needed, free: freeInodes });
  }
}

function inBlocks(bytes: number, blockBytes: number): number {
  return blockBytes === 0 ? bytes : Math.ceil(bytes / blockBytes) * blockBytes;
}
