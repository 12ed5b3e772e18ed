// A file as the destination of a stream. `Deno.FsFile.writable` drops what a full disk did not take of a piece: the
// system takes a part of it without an error, and reports the reason at the next write.

/** Writes every byte of a piece. */
export async function writeWhole(file: Pick<Deno.FsFile, "write">, piece: Uint8Array): Promise<void> {
  for (let rest = piece; rest.length > 0;) rest = rest.subarray(await file.write(rest));
}

/** Writes every byte of each piece. Closes the file at the end of the stream and after an error. */
export function wholeWrites(file: Pick<Deno.FsFile, "write" | "close">): WritableStream<Uint8Array> {
  return new WritableStream({
    write: async (piece) => {
      try {
        await writeWhole(file, piece);
      } catch (error) {
        // After it the stream calls neither `close` nor `abort`.
        file.close();
        throw error;
      }
    },
    close: () => file.close(),
    abort: () => file.close(),
  });
}
