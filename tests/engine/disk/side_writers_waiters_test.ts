// E.20: every write through the side writers ends, for each result of opening another descriptor of the file.

import assert from "node:assert/strict";
import { join } from "node:path";
import { SideWriters } from "../../../src/engine/disk/side_writers.ts";

type Opening = "opens" | "fails" | "is another file" | "has no status";

/** Opens with the results of a list, in order; each takes a turn of the event loop. */
function openings(path: string, other: string, list: Opening[]): (path: string) => Promise<Deno.FsFile> {
  return async () => {
    await new Promise((resolve) => setImmediate(resolve));
    const opening = list.shift() ?? "opens";
    if (opening === "fails") throw new Deno.errors.Busy("Too many open files (os error 24)");
    const file = await Deno.open(opening === "is another file" ? other : path, { write: true });
    if (opening === "has no status") file.stat = () => Promise.reject(new Error("Input/output error"));
    return file;
  };
}

const LISTS: Opening[][] = [
  ["opens", "opens"],
  ["fails", "fails", "fails", "fails", "fails", "fails"],
  ["fails", "opens"],
  ["opens", "fails"],
  ["is another file", "is another file"],
  ["has no status", "opens"],
  ["has no status", "has no status"],
];

for (const list of LISTS) {
  Deno.test(`E.20 six writes at once all end when another descriptor: ${list.join(", ")}`, async () => {
    const folder = await Deno.makeTempDir();
    try {
      const [path, other] = [join(folder, "a"), join(folder, "b")];
      await Deno.writeFile(path, new Uint8Array(6));
      await Deno.writeTextFile(other, "other");
      const { ino, dev } = await Deno.stat(path);
      const identity = { inode: ino!, device: dev };
      const writers = new SideWriters(path, identity, openings(path, other, [...list]));
      const writes = Array.from({ length: 6 }, (_, at) => writers.write(new Uint8Array([at + 1]), at));
      const results = await Promise.race([Promise.all(writes), deadline(5_000)]);
      assert.ok(results !== "late", "a write never ends");
      writers.close();
      const content = await Deno.readFile(path);
      results.forEach((isWritten, at) => assert.equal(content[at], isWritten ? at + 1 : 0, `byte ${at}`));
      assert.equal(await Deno.readTextFile(other), "other");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

async function deadline(delayMs: number): Promise<"late"> {
  await new Promise((resolve) => Deno.unrefTimer(setTimeout(resolve, delayMs)));
  return "late";
}
