import assert from "node:assert/strict";
import { denoDisk } from "../../../src/engine/disk/deno_disk.ts";
import { diskFault, systemCode } from "../../../src/engine/disk/disk_faults.ts";
import { isPliError } from "../../../src/engine/errors.ts";

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: in the system's words`), { code });
}

Deno.test("system errors become the code that says what to do, with the system's error as cause", () => {
  const expected = {
    ENOSPC: "disk_full",
    EDQUOT: "disk_full",
    EROFS: "disk_read_only",
    EACCES: "disk_denied",
    EPERM: "disk_denied",
    EIO: "disk_failed",
    ENAMETOOLONG: "disk_failed",
  };
  for (const [code, wanted] of Object.entries(expected)) {
    const cause = systemError(code);
    const fault = diskFault(cause, "/some/path");
    assert.equal(fault.code, wanted);
    assert.deepEqual(fault.parameters, { path: "/some/path" });
    assert.equal(fault.cause, cause);
  }
  assert.equal(diskFault(new Deno.errors.NotCapable("no --allow-write"), "/p").code, "disk_denied");
  assert.equal(diskFault("not even an error", "/p").code, "disk_failed");
  assert.equal(systemCode(undefined), "");
});

Deno.test("a fault of the real disk keeps the system's error", async () => {
  const path = await Deno.makeTempFile();
  await assert.rejects(denoDisk.list(path), (error) => {
    return isPliError(error, "disk_failed") && systemCode(error.cause) === "ENOTDIR";
  });
  await Deno.remove(path);
});

// Where an empty device that is always full exists, it stands in for a full volume.
Deno.test("a full volume is told from other faults", { ignore: Deno.build.os !== "linux" }, async () => {
  const { DenoFile } = await import("../../../src/engine/disk/deno_file.ts");
  const { open } = await import("node:fs/promises");
  const file = new DenoFile(await open("/dev/full", "w"), "/dev/full");
  await assert.rejects(file.writeAt(new Uint8Array(10), 0), (error) => isPliError(error, "disk_full"));
  await file.close();
});
