// The system and the runtime of the program, without types or modules of any runtime, so that every file can use it.

interface Runtimes {
  Deno?: { build: { os: string; arch: string } };
  process?: { platform: string; arch: string };
}

// Deno is checked first, because there reading `process` would load it.
const { Deno: deno } = globalThis as Runtimes;
const process = deno === undefined ? (globalThis as Runtimes).process : undefined;

export const IS_DENO = deno !== undefined;

/** `linux`, `darwin`, `windows` or another name; "" where there is none, as in a browser. */
export const SYSTEM = deno?.build.os ?? (process?.platform === "win32" ? "windows" : process?.platform ?? "");

/** The processor, by the runtime's name. */
export const ARCHITECTURE = deno?.build.arch ?? process?.arch ?? "";
