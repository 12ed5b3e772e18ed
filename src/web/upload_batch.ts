// Several files in one body, because a request for each of thousands of small files takes far longer than their bytes:
//
//     4 bytes  length of the index, big-endian
//     the index, JSON: [{"name": "folder/a.txt", "bytes": 5}, …]
//     the contents, in the order of the index

import * as v from "valibot";
import type { UploadedFile } from "../app/uploads.ts";
import { validJson } from "./bodies.ts";
import { WebError } from "./errors.ts";

/** Maximum of an index: a thousand files with names of a usual length. */
const INDEX_MAXIMUM_BYTES = 1024 * 1024;
const LENGTH_BYTES = 4;

/** A number of files or bytes, and the name of a file, as the page sends them. */
export const COUNT = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
export const NAME = v.pipe(v.string(), v.minLength(1), v.maxLength(4_096));

const INDEX = v.pipe(v.array(v.strictObject({ name: NAME, bytes: COUNT })), v.minLength(1));

/** Files up to this size are read whole, several together. */
const SMALL_BYTES = 64 * 1024;
const MAXIMUM_TOGETHER = 32;

/**
 * The files of a body of `sizeBytes`, small ones in groups. The pieces of a large one must be read before the next
 * group. Throws WebError `body_*`, and the error of the stream.
 */
export async function* readBatch(
  body: ReadableStream<Uint8Array>,
  sizeBytes: number,
): AsyncGenerator<UploadedFile[], void, void> {
  const reader = new PieceReader(body);
  const length = new DataView((await reader.whole(LENGTH_BYTES)).buffer).getUint32(0);
  if (length > INDEX_MAXIMUM_BYTES) throw new WebError("body_too_large", { maximum: INDEX_MAXIMUM_BYTES });
  const index = indexOf(await reader.whole(length));
  const contentBytes = index.reduce((sum, { bytes }) => sum + bytes, 0);
  if (LENGTH_BYTES + length + contentBytes !== sizeBytes) throw new WebError("body_cut", {});
  let group: UploadedFile[] = [];
  for (const { name, bytes } of index) {
    const isSmall = bytes <= SMALL_BYTES;
    if (group.length > 0 && (!isSmall || group.length === MAXIMUM_TOGETHER)) {
      yield group;
      group = [];
    }
    if (isSmall) group.push({ name, content: await reader.whole(bytes) });
    else yield [{ name, content: reader.pieces(bytes) }];
  }
  if (group.length > 0) yield group;
}

function indexOf(bytes: Uint8Array): v.InferOutput<typeof INDEX> {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new WebError("body_not_json", {}, { cause });
  }
  return validJson(text, INDEX);
}

/** Reads a stream by numbers of bytes. Throws WebError `body_cut` at its end. */
class PieceReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #rest = new Uint8Array();

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader();
  }

  async whole(count: number): Promise<Uint8Array<ArrayBuffer>> {
    const all = new Uint8Array(count);
    let filled = 0;
    for await (const piece of this.pieces(count)) {
      all.set(piece, filled);
      filled += piece.length;
    }
    return all;
  }

  async *pieces(count: number): AsyncGenerator<Uint8Array, void, void> {
    for (let missing = count; missing > 0;) {
      if (this.#rest.length === 0) this.#rest = await this.#next();
      const piece = this.#rest.subarray(0, missing);
      this.#rest = this.#rest.subarray(piece.length);
      missing -= piece.length;
      yield piece;
    }
  }

  async #next(): Promise<Uint8Array<ArrayBuffer>> {
    const { done, value } = await this.#reader.read();
    if (done) throw new WebError("body_cut", {});
    return value as Uint8Array<ArrayBuffer>;
  }
}
