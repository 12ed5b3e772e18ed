// What is to come of files, in blocks: what a download is cut into, and what resuming finds missing.

import type { Listed } from "../listed.ts";
import { BLOCK_BYTES, blockCount } from "../bao/geometry.ts";

/** Blocks [firstBlock, endBlock) of the file with an index in a list. */
export interface Piece {
  index: number;
  firstBlock: number;
  endBlock: number;
}

type Sized = { readonly sizeBytes: number };

/** All of a file. */
export function wholePiece(index: number, { sizeBytes }: Sized): Piece {
  return { index, firstBlock: 0, endBlock: blockCount(sizeBytes) };
}

/** How many bytes of its file a piece has. */
export function pieceBytes({ index, firstBlock, endBlock }: Piece, files: Listed<Sized>): number {
  return Math.min(endBlock * BLOCK_BYTES, files.at(index)!.sizeBytes) - firstBlock * BLOCK_BYTES;
}

/** Whether a piece is all of its file. */
export function isWhole({ index, firstBlock, endBlock }: Piece, files: Listed<Sized>): boolean {
  return firstBlock === 0 && endBlock === blockCount(files.at(index)!.sizeBytes);
}
