// The libraries that a released program may need: the tables of PE files, and the refusals.

import assert from "node:assert/strict";
import { assertImports, dllsOf } from "../../scripts/release/imports.ts";
import { needing, NOT_LINUX, without } from "../left_out.ts";

const NOT_READ = NOT_LINUX ?? without("readelf", "openssl");

/** A PE file of 64 bits with one section, which has the tables of imports: at the start, and on the first call. */
function programWith(atStart: readonly string[], onCall: readonly string[] = []): Uint8Array {
  const [signature, optionalBytes, section, address] = [0x80, 240, 0x400, 0x1000];
  const bytes = new Uint8Array(0x1000);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode("MZ"));
  view.setUint32(0x3c, signature, true);
  bytes.set(new TextEncoder().encode("PE\0\0"), signature);
  view.setUint16(signature + 6, 1, true);
  view.setUint16(signature + 20, optionalBytes, true);
  const optional = signature + 24;
  view.setUint16(optional, 0x20b, true);
  view.setUint32(optional + 108, 16, true);
  const header = optional + optionalBytes;
  view.setUint32(header + 12, address, true);
  view.setUint32(header + 16, bytes.length - section, true);
  view.setUint32(header + 20, section, true);
  let text = 0x800;
  const table = (
    directory: number,
    place: number,
    entryBytes: number,
    nameAt: number,
    names: readonly string[],
  ) => {
    if (names.length === 0) return;
    view.setUint32(optional + 112 + directory * 8, address + place - section, true);
    names.forEach((name, at) => {
      bytes.set(new TextEncoder().encode(name), text);
      view.setUint32(place + at * entryBytes + nameAt, address + text - section, true);
      text += name.length + 1;
    });
  };
  table(1, section, 20, 12, atStart);
  table(13, 0x600, 32, 4, onCall);
  return bytes;
}

async function importsOf(bytes: Uint8Array): Promise<string[]> {
  const path = await Deno.makeTempFile({ suffix: ".exe" });
  try {
    await Deno.writeFile(path, bytes);
    return await assertImports(path);
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("imports: both tables of a program for Windows are read", () => {
  assert.deepEqual(dllsOf(programWith(["KERNEL32.dll", "msvcrt.dll"], ["ole32.dll"])), [
    "KERNEL32.dll",
    "msvcrt.dll",
    "ole32.dll",
  ]);
  assert.deepEqual(dllsOf(programWith([], ["ws2_32.dll"])), ["ws2_32.dll"]);
  assert.deepEqual(dllsOf(programWith([])), []);
});

Deno.test("imports: libraries of the system and its C runtimes are accepted, others are named", async () => {
  const system = ["KERNEL32.dll", "bcryptprimitives.dll", "ucrtbase.dll", "api-ms-win-crt-heap-l1-1-0.dll"];
  assert.deepEqual(await importsOf(programWith(system)), system);
  for (const alien of ["VCRUNTIME140.dll", "libgcc_s_seh-1.dll", "libwinpthread-1.dll", "kernel32x.dll"]) {
    await assert.rejects(importsOf(programWith(system, [alien])), new RegExp(`needs ${alien}$`));
  }
});

Deno.test("imports: a malformed file is refused", () => {
  const intact = programWith(["KERNEL32.dll"]);
  assert.throws(() => dllsOf(intact.with(0x80, 0)), /no PE file of 64 bits/);
  assert.throws(() => dllsOf(intact.with(0x98, 0x0c)), /no PE file of 64 bits/);
  assert.throws(() => dllsOf(intact.with(0x98 + 112 + 8 + 2, 0xff)), /in no section/);
  for (const end of [10, 0x60, 0x90, 0x100]) assert.throws(() => dllsOf(intact.subarray(0, end)), RangeError);
});

Deno.test(
  needing("imports: of programs for Linux, glibc's libraries are accepted, others are named", NOT_READ),
  async () => {
    assert.ok((await assertImports(Deno.execPath())).includes("libc.so.6"));
    await assert.rejects(assertImports("/usr/bin/openssl"), /openssl needs libssl\.so/);
  },
);
