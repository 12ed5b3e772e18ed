// Asserts that a program or library starts on a system as it is delivered: it needs only libraries that are part of
// every Windows or Linux, on Linux none newer than glibc 2.28. `npm run release:imports -- FILE…` prints what they need.
// For Windows it reads the two import tables of the PE format itself; for Linux it runs readelf.

import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { runCommand } from "../command.ts";
import { assertGlibcFloor } from "../cross_build.ts";
import { output } from "../programs.ts";

/** The libraries of Windows 10, and its C runtimes. What MSVC's own runtimes are called, vcruntime140.dll, is none. */
const WINDOWS = new Set(
  `advapi32 bcrypt bcryptprimitives combase crypt32 cryptbase dbghelp dnsapi dwmapi gdi32 imm32 iphlpapi
  kernel32 kernelbase mswsock msvcrt ncrypt netapi32 ntdll ole32 oleaut32 opengl32 powrprof propsys psapi
  rpcrt4 rstrtmgr secur32 setupapi shell32 shlwapi ucrtbase user32 userenv version winhttp winmm
  winspool.drv ws2_32`.split(/\s+/),
);
/** Named sets of functions of those libraries. */
const API_SET = /^(api|ext)-ms-win-/;
/** The libraries of glibc, and GCC's for exceptions. */
const LINUX = /^(lib(c|m|dl|pthread|rt|gcc_s|util)\.so\.\d|ld-linux-[\w-]+\.so\.\d)$/;

/** The libraries that a file needs. Throws an Error that names those that a system may lack. */
export async function assertImports(path: string): Promise<string[]> {
  const isWindows = await beginOf(path) === "MZ";
  const needed = isWindows ? dllsOf(await readFile(path)) : await sharedObjectsOf(path);
  const alien = needed.filter((name) => !(isWindows ? isOfWindows(name) : LINUX.test(name)));
  if (alien.length > 0) throw new Error(`${basename(path)} needs ${alien.join(", ")}`);
  if (!isWindows) await assertGlibcFloor(path);
  return needed;
}

async function beginOf(path: string): Promise<string> {
  using file = await Deno.open(path);
  const begin = new Uint8Array(2);
  await file.read(begin);
  return new TextDecoder("latin1").decode(begin);
}

function isOfWindows(name: string): boolean {
  const stem = name.toLowerCase().replace(/\.dll$/, "");
  return WINDOWS.has(stem) || API_SET.test(stem);
}

async function sharedObjectsOf(path: string): Promise<string[]> {
  const dynamic = await output("readelf", ["--dynamic", "--wide", path]);
  return [...dynamic.matchAll(/\(NEEDED\).*\[(.+)\]/g)].map(([, name]) => name);
}

/** Places in the headers of a PE file of 64 bits, relative to the signature, and sizes of its tables' entries. */
const OPTIONAL_HEADER = 24;
const PE32_PLUS = 0x20b;
const SECTION_BYTES = 40;
const DIRECTORIES = OPTIONAL_HEADER + 112;
/** The data directories of imports at the start and of imports on the first call; where their entries have a name. */
const TABLES = [
  { directory: 1, entryBytes: 20, nameAt: 12 },
  { directory: 13, entryBytes: 32, nameAt: 4 },
];

/** Names of the DLLs that a PE file of 64 bits imports. Throws a RangeError or an Error for a malformed one. */
export function dllsOf(bytes: Uint8Array): string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const u16 = (at: number) => view.getUint16(at, true);
  const u32 = (at: number) => view.getUint32(at, true);
  const signature = u32(0x3c);
  if (u32(signature) !== 0x4550 || u16(signature + OPTIONAL_HEADER) !== PE32_PLUS) {
    throw new Error("it is no PE file of 64 bits");
  }
  const firstSection = signature + OPTIONAL_HEADER + u16(signature + 20);
  const sections = Array.from({ length: u16(signature + 6) }, (_, at) => {
    const header = firstSection + at * SECTION_BYTES;
    return { address: u32(header + 12), size: u32(header + 16), offset: u32(header + 20) };
  });
  const offsetOf = (address: number): number => {
    const section = sections.find((each) => address >= each.address && address < each.address + each.size);
    if (section === undefined) throw new Error("an address is in no section");
    return address - section.address + section.offset;
  };
  const textAt = (address: number): string => {
    const start = offsetOf(address);
    return new TextDecoder("latin1").decode(bytes.subarray(start, bytes.indexOf(0, start)));
  };
  const names: string[] = [];
  for (const { directory, entryBytes, nameAt } of TABLES) {
    const isThere = directory < u32(signature + DIRECTORIES - 4);
    const table = isThere ? u32(signature + DIRECTORIES + directory * 8) : 0;
    if (table === 0) continue;
    // The last entry is empty.
    for (let at = offsetOf(table); u32(at + nameAt) !== 0; at += entryBytes) {
      names.push(textAt(u32(at + nameAt)));
    }
  }
  return names;
}

if (import.meta.main) {
  const line = { usage: "npm run release:imports -- FILE…", operands: [1, Infinity] } as const;
  await runCommand(line, async ({ positionals }) => {
    const lines = [];
    for (const path of positionals) lines.push(`${path}: ${(await assertImports(path)).join(", ")}\n`);
    return lines.join("");
  });
}
