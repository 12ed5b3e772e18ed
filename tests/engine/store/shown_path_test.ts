import assert from "node:assert/strict";
import { isPliError, PliError } from "../../../src/engine/errors.ts";
import { folderError, movedError } from "../../../src/engine/store/shown_path.ts";
import { sep } from "../../../src/engine/paths.ts";

function pathOf(error: unknown): unknown {
  return isPliError(error) && "path" in error.parameters ? error.parameters.path : error;
}

/** A path of this system. */
const own = (path: string): string => path.replaceAll("/", sep);

Deno.test("E.9 an error about a staged file names its path in the destination", () => {
  const cause = new Error("os");
  const error = new PliError("disk_full", { path: own("/d/.pli-1/files/t/a") }, { cause });
  const shown = movedError(error, own("/d/.pli-1/files"), own("/d"));
  assert.equal(pathOf(shown), own("/d/t/a"));
  assert.ok(isPliError(shown, "disk_full") && shown.cause === cause);
  assert.equal(
    movedError(error, own("/d/.pli-1/file"), own("/d")),
    error,
    "a folder whose name has the same beginning is another one",
  );
  assert.equal(pathOf(folderError(error, own("/d/.pli-1"), own("/d"))), own("/d"));
  for (const other of [new PliError("cancelled", {}), new Error("x"), undefined]) {
    assert.equal(movedError(other, own("/d"), own("/e")), other);
  }
});
