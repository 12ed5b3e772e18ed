import assert from "node:assert/strict";
import { join } from "node:path";
import { diskFault, MEANINGS, systemCode } from "../../../src/engine/disk/disk_faults.ts";
import { isPliError } from "../../../src/engine/errors.ts";
import { needing, NO_ADDON, NOT_LINUX, NOT_WINDOWS } from "../../left_out.ts";
import { realDisk } from "../../system_ports.ts";

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: in the system's words`), { code });
}

Deno.test("system errors become codes, with the system's error as cause", () => {
  const expected = {
    ENOSPC: "disk_full",
    EDQUOT: "disk_full",
    EROFS: "disk_read_only",
    EACCES: "disk_denied",
    EPERM: "disk_denied",
    EIO: "disk_failed",
    ENAMETOOLONG: "disk_name_invalid",
    EFBIG: "disk_file_too_large",
    ESTALE: "disk_gone",
    ENODEV: "disk_gone",
    EMFILE: "too_many_open_files",
    EBUSY: "disk_in_use",
    EINVAL: "disk_failed",
  };
  for (const [code, wanted] of Object.entries(expected)) {
    const cause = systemError(code);
    const fault = diskFault(cause, "/some/path");
    assert.equal(fault.code, wanted);
    assert.deepEqual(fault.parameters, { path: "/some/path" });
    assert.equal(fault.cause, cause);
  }
  assert.equal(diskFault(new Deno.errors.NotCapable("no --allow-write"), "/p").code, "disk_denied");
  assert.equal(diskFault(systemError("EINVAL"), "/p", "new_name").code, "disk_name_invalid");
  assert.equal(diskFault("not even an error", "/p").code, "disk_failed");
  assert.equal(systemCode(undefined), "");
});

Deno.test("E.9 where the platform gives no code it is derived from the number, which differs by system", () => {
  const message = (number: number) =>
    new Error(`In the system's words (os error ${number}): link 'a' -> 'b'`);
  // Unix systems know their own numbers only.
  if (Deno.build.os === "linux") assert.equal(systemCode(message(122), "linux"), "EDQUOT");
  const windows = {
    5: "EACCES",
    32: "EBUSY",
    112: "ENOSPC",
    123: "EINVAL",
    223: "EFBIG",
    1295: "EDQUOT",
    9999: "",
  };
  for (const [number, code] of Object.entries(windows)) {
    assert.equal(systemCode(message(Number(number)), "windows"), code, number);
  }
  assert.equal(systemCode(Object.assign(message(2), { code: "UNKNOWN" }), "windows"), "ENOENT");
  assert.equal(systemCode(Object.assign(message(2), { code: "EPERM" }), "windows"), "EPERM");
  assert.equal(systemCode(new Error("no number")), "");
});

Deno.test(
  needing(
    "E.9 a name that Windows does not permit is reported as such, in every way of creating it",
    NOT_WINDOWS,
  ),
  async () => {
    const folder = await Deno.makeTempDir();
    const isRefused = (error: unknown) => isPliError(error, "disk_name_invalid");
    try {
      for (const name of ["a<b", 'say "hello"', "what?"]) {
        const path = join(folder, name);
        await assert.rejects(realDisk.open(path, "create"), isRefused);
        await assert.rejects(realDisk.makeFolder(path), isRefused);
        const files = await realDisk.createFiles([{ path, bytes: new Uint8Array(1) }]);
        const folders = await realDisk.createFolders([path]);
        assert.deepEqual([...files, ...folders].map(isRefused), [true, true]);
        // There is no such file.
        assert.equal(await realDisk.status(path), null);
      }
      await assert.rejects(
        realDisk.open(join(folder, "missing", "name"), "create"),
        (error) => isPliError(error, "disk_failed"),
      );
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

Deno.test("E.9 no error of the system has two meanings", () => {
  const names = Object.values(MEANINGS).flat();
  assert.equal(new Set(names).size, names.length);
});

Deno.test("a fault of the real disk keeps the system's error", async () => {
  const path = await Deno.makeTempFile();
  await assert.rejects(realDisk.list(path), (error) => {
    return isPliError(error, "disk_failed") && systemCode(error.cause) === "ENOTDIR";
  });
  await Deno.remove(path);
});

const NO_FLUSH = Deno.build.os === "linux" ? null : "the addon flushes volumes on Linux only";

Deno.test({
  ...needing("a volume that cannot be flushed is reported with the system's error", NO_ADDON, NO_FLUSH),
  fn: async () => {
    await assert.rejects(realDisk.syncVolume("/nowhere"), (error) => {
      return isPliError(error) && systemCode(error.cause) === "ENOENT";
    });
  },
});

// /dev/full replaces a full volume.
Deno.test(needing("a full volume is distinguished from other errors", NOT_LINUX), async () => {
  const { SystemFile } = await import("../../../src/engine/disk/system_file.ts");
  const { open } = await import("node:fs/promises");
  const file = new SystemFile(await open("/dev/full", "w"), "/dev/full");
  await assert.rejects(file.writeAt(new Uint8Array(10), 0), (error) => isPliError(error, "disk_full"));
  await file.close();
});
