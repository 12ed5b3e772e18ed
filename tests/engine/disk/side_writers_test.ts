import assert from "node:assert/strict";
import { join } from "node:path";
import { realDisk } from "../../system_ports.ts";

const KIB = 1024;

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function piece(value: number, sizeBytes: number): Uint8Array {
  return new Uint8Array(sizeBytes).fill(value);
}

Deno.test("large and small pieces written concurrently, in any order, are at their positions", async () => {
  await inFolder(async (folder) => {
    const file = await realDisk.open(join(folder, "a"), "create");
    const sizes = [1024, 3, 300, 256, 1, 700, 512, 1024].map((kib) => kib * KIB + 1);
    let end = 0;
    const pieces = sizes.map((size, i) => ({ bytes: piece(i + 1, size), offset: (end += size) - size }));
    await Promise.all(pieces.toReversed().map(({ bytes, offset }) => file?.writeAt(bytes, offset)));
    await file?.sync();
    await file?.close();
    const expected = Buffer.concat(pieces.map(({ bytes }) => bytes));
    assert.ok(expected.equals(await Deno.readFile(join(folder, "a"))));
  });
});

Deno.test("a file is written also after its name was removed", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "a");
    const file = await realDisk.open(path, "create");
    await Deno.rename(path, join(folder, "moved"));
    await Deno.writeTextFile(path, "another file");
    await file?.writeAt(piece(7, 512 * KIB), 0);
    await file?.close();
    assert.equal(await Deno.readTextFile(path), "another file");
    assert.deepEqual(new Uint8Array(await Deno.readFile(join(folder, "moved"))), piece(7, 512 * KIB));
  });
});
