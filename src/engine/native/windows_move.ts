// Moves a file or folder on Windows to a name that must be free, by the system's own call. The calls of Deno and of
// Node.js let a folder replace a file of the new name.

import { IS_DENO } from "../system.ts";

const CALLS = {
  MoveFileExW: { parameters: ["buffer", "buffer", "u32"], result: "i32" },
  GetLastError: { parameters: [], result: "u32" },
} as const;
/** Neither replaces what has the new name, nor copies to another volume. */
const NO_FLAGS = 0;

let library: Deno.DynamicLibrary<typeof CALLS> | null | undefined;

/**
 * Moves `from`, both being namespaced paths (`\\?\…`). Returns the error number, 0 for none; null if the call is not
 * available: on Node.js, and without permission.
 */
export function moveToFreeName(from: string, to: string): number | null {
  library ??= IS_DENO ? opened() : null;
  if (library === null) return null;
  const { MoveFileExW, GetLastError } = library.symbols;
  return MoveFileExW(utf16(from), utf16(to), NO_FLAGS) === 0 ? GetLastError() : 0;
}

function opened(): Deno.DynamicLibrary<typeof CALLS> | null {
  try {
    return Deno.dlopen("kernel32.dll", CALLS);
  } catch {
    return null;
  }
}

/** The text with a final NUL, as the system's calls take it. */
function utf16(text: string): Uint16Array<ArrayBuffer> {
  return Uint16Array.from({ length: text.length + 1 }, (_, at) => text.charCodeAt(at));
}
