// The places from which files of this computer are chosen.

import { deepStrictEqual, ok } from "node:assert";
import { listFolder, roots } from "../../src/app/folders.ts";

Deno.test("folders: a computer's folders begin at the root, on Windows at its drives, which can be listed", async () => {
  const places = await roots();
  ok(places.length > 0);
  if (Deno.build.os === "windows") {
    ok(places.every(({ kind, path }) => kind === "drive" && /^[A-Z]:\\$/.test(path)));
  } else deepStrictEqual(places, [{ kind: "computer", path: "/" }]);
  for (const { path } of places) {
    const { path: listed, parent } = await listFolder(path, places);
    deepStrictEqual([listed, parent], [path, null]);
  }
});
