// Streams into files of a disk that becomes full: an error, and never a shorter file.

import assert from "node:assert/strict";
import { AppError } from "../../src/app/errors.ts";
import { Home } from "../../src/app/home.ts";
import { Spool } from "../../src/app/spool.ts";
import { wholeWrites } from "../../src/app/whole_writes.ts";
import { needing } from "../left_out.ts";
import { NO_TMPFS, Volume } from "../product/volume.ts";

const pieces = (...lengths: number[]) => lengths.map((length) => new Uint8Array(length).fill(7));

/** A file on a disk with a given room, which takes at most `atOnce` bytes. */
function smallFile(room: number, atOnce = Infinity) {
  const seen = { bytes: 0, closed: 0 };
  const file = {
    write: (bytes: Uint8Array) => {
      const taken = Math.min(bytes.length, room - seen.bytes, atOnce);
      if (taken === 0) return Promise.reject(new Error("No space left on device (os error 28)"));
      seen.bytes += taken;
      return Promise.resolve(taken);
    },
    close: () => void seen.closed++,
  };
  return { file, seen };
}

Deno.test("whole writes: a piece that is taken in parts is written whole", async () => {
  const { file, seen } = smallFile(1_000, 7);
  await ReadableStream.from(pieces(10, 0, 90)).pipeTo(wholeWrites(file));
  assert.deepEqual(seen, { bytes: 100, closed: 1 });
});

Deno.test("whole writes: a last piece of which the disk takes a part is an error", async () => {
  for (const lengths of [[100], [50, 30, 20], [99, 1, 1]]) {
    const { file, seen } = smallFile(99);
    await assert.rejects(ReadableStream.from(pieces(...lengths)).pipeTo(wholeWrites(file)), /os error 28/);
    assert.deepEqual(seen, { bytes: 99, closed: 1 });
  }
});

Deno.test("whole writes: an error of the stream closes the file", async () => {
  const { file, seen } = smallFile(99);
  const broken = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.error(new Error("gone")),
  });
  await assert.rejects(broken.pipeTo(wholeWrites(file)), /gone/);
  assert.deepEqual(seen, { bytes: 0, closed: 1 });
});

Deno.test(needing("spool: input that does not fit on the disk is an error", NO_TMPFS), async () => {
  const folder = await Deno.makeTempDir();
  {
    await using volume = await Volume.make(`${folder}/volume`, "size=200k,mode=700");
    const home = await Home.open((name) => name === "PLI_HOME" ? `${volume.path}/home` : undefined);
    await using spool = await Spool.create(home, "input");
    const input = ReadableStream.from(pieces(60_000, 60_000, 60_000, 60_000));
    await assert.rejects(
      spool.fill(input),
      (error) => error instanceof AppError && error.code === "home_full",
    );
  }
  await Deno.remove(folder, { recursive: true });
});
