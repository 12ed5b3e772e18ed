// A program that makes each call of the real disk once at paths in a folder, and prints each result as a line. The test
// runs it under strace, which makes the system calls at these paths fail.

import { writeSync } from "node:fs";
import process from "node:process";
import type { NativeDisk } from "../../../src/engine/disk/native_disk.ts";
import { systemDisk } from "../../../src/engine/disk/system_disk.ts";
import { isPliError } from "../../../src/engine/errors.ts";
import { nativeAddon } from "../../../src/engine/native/addon.ts";
import type { DiskFile } from "../../../src/engine/ports.ts";

const [folder, binding] = process.argv.slice(2);
const disk = systemDisk(binding === "native" ? nativeAddon() as NativeDisk : {});
const at = (name: string): string => `${folder}/${name}`;
// Files that the calls need are opened before, at other paths.
const file: DiskFile = (await disk.open(at("written"), "update"))!;

async function printResult(name: string, call: () => Promise<unknown>): Promise<void> {
  const result = await call().then(
    (value) => JSON.stringify(value instanceof Object ? "done" : value),
    (error) => {
      return isPliError(error) ? error.code : `not a PliError: ${error}`;
    },
  );
  writeSync(1, `${name} ${result}\n`);
}

await printResult("link", () => disk.link(at("old"), at("linked")));
await printResult("rename", () => disk.rename(at("old"), at("renamed")));
await printResult("makeFolder", () => disk.makeFolder(at("made")));
await printResult("createFolders", async () => {
  const [outcome] = await disk.createFolders([at("made")]);
  if (isPliError(outcome)) throw outcome;
});
await printResult("create", async () => await (await disk.open(at("created"), "create"))?.close());
await printResult("createFiles", async () => {
  const [outcome] = await disk.createFiles([{ path: at("created"), bytes: new Uint8Array(3) }]);
  if (isPliError(outcome)) throw outcome;
});
await printResult("write", () => file.writeAt(new Uint8Array(5), 0));
await printResult("writeAside", () => file.writeAt(new Uint8Array(512 * 1024), 0));
await printResult("sync", () => file.sync());
await printResult("syncFolder", () => disk.syncFolder(at("folder")));
await printResult("list", () => disk.list(at("folder")));
await printResult("status", () => disk.status(at("looked")));
await printResult("openRead", async () => await (await disk.open(at("looked"), "read"))?.close());
await printResult("remove", () => disk.remove(at("removed")));
