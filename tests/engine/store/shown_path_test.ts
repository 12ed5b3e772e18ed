import assert from "node:assert/strict";
import { isPliError, PliError } from "../../../src/engine/errors.ts";
import { folderError, movedError } from "../../../src/engine/store/shown_path.ts";

function pathOf(error: unknown): unknown {
  return isPliError(error) && "path" in error.parameters ? error.parameters.path : error;
}

Deno.test("E.9 an error about a staged file names its path in the destination", () => {
  const cause = new Error("os");
  const error = new PliError("disk_full", { path: "/d/.pli-1/files/t/a" }, { cause });
  const shown = movedError(error, "/d/.pli-1/files", "/d");
  assert.equal(pathOf(shown), "/d/t/a");
  assert.ok(isPliError(shown, "disk_full") && shown.cause === cause);
  assert.equal(
    movedError(error, "/d/.pli-1/file", "/d"),
    error,
    "a folder whose name has the same beginning is another one",
  );
  assert.equal(pathOf(folderError(error, "/d/.pli-1", "/d")), "/d");
  for (const other of [new PliError("cancelled", {}), new Error("x"), undefined]) {
    assert.equal(movedError(other, "/d", "/e"), other);
  }
});
