// Missing parts of files, in blocks: the unit in which a download is planned, cut and resumed.

import type { Listed } from "../listed.ts";
import { BLOCK_BYTES, blockCount } from "../bao/geometry.ts";

/** Blocks [firstBlock, endBlock) of the file with an index in a list. */
export interface Piece {
  index: number;
  firstBlock: number;
  endBlock: number;
}

type Sized = { readonly sizeBytes: number };

/** The piece of a whole file. */
export function wholePiece(index: number, { sizeBytes }: Sized): Piece {
  return { index, firstBlock: 0, endBlock: blockCount(sizeBytes) };
}

/** Size of a piece. */
export function pieceBytes({ index, firstBlock, endBlock }: Piece, files: Listed<Sized>): number {
  return Math.min(endBlock * BLOCK_BYTES, files.at(index)!.sizeBytes) - firstBlock * BLOCK_BYTES;
}

/** Whether a piece is a whole file. */
export function isWhole({ index, firstBlock, endBlock }: Piece, files: Listed<Sized>): boolean {
  return firstBlock === 0 && endBlock === blockCount(files.at(index)!.sizeBytes);
}
