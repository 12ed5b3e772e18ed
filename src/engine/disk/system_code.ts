// The system's code of an error, such as `ENOSPC`: as the platform reports it, or by the number in the message,
// because many errors have no code. The numbers depend on the system.

import { constants } from "node:os";
import { SYSTEM } from "../system.ts";

/** Codes that `node:os` lacks. Linux: include/uapi/asm-generic/errno.h; macOS: sys/errno.h. */
const MORE: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  linux: { 108: "ESHUTDOWN", 112: "EHOSTDOWN", 117: "EUCLEAN", 121: "EREMOTEIO", 123: "ENOMEDIUM" },
  darwin: { 58: "ESHUTDOWN", 64: "EHOSTDOWN", 82: "EPWROFF", 83: "EDEVERR" },
};

/** Windows' system error codes as the names that other systems have for the same ([MS-ERREF] 2.2). */
const WINDOWS: Readonly<Record<number, string>> = {
  1: "ENOSYS",
  2: "ENOENT",
  3: "ENOENT",
  4: "EMFILE",
  5: "EACCES",
  17: "EXDEV",
  19: "EROFS",
  21: "ENODEV",
  32: "EBUSY",
  33: "EBUSY",
  39: "ENOSPC",
  50: "ENOTSUP",
  53: "ENETUNREACH",
  55: "ENODEV",
  59: "ENETUNREACH",
  64: "ENETUNREACH",
  67: "ENETUNREACH",
  80: "EEXIST",
  112: "ENOSPC",
  123: "EINVAL",
  145: "ENOTEMPTY",
  183: "EEXIST",
  206: "ENAMETOOLONG",
  223: "EFBIG",
  267: "ENOTDIR",
  1006: "ESTALE",
  1117: "EIO",
  1142: "EMLINK",
  1167: "ENODEV",
  1295: "EDQUOT",
  1392: "EIO",
  1920: "EACCES",
};

const NAMES: ReadonlyMap<number, string> = new Map([
  ...Object.entries(constants.errno).map(([name, number]): [number, string] => [number, name]),
  ...Object.entries(MORE[SYSTEM] ?? {}).map((
    [number, name],
  ): [number, string] => [Number(number), name]),
]);

/** The code of an error number of this system; "" if it is unknown. */
export function nameOfNumber(number: number, system: string = SYSTEM): string {
  return (system === "windows" ? WINDOWS[number] : NAMES.get(number)) ?? "";
}

/** The system's code of an error; "" if it is unknown, or if the error is not of the system. */
export function systemCode(error: unknown, system: string = SYSTEM): string {
  if (!(error instanceof Error)) return "";
  const { code, errno } = error as Error & { code?: unknown; errno?: unknown };
  // For an error without a name Node.js reports its number as text, and negative.
  if (typeof errno === "number" && /^Unknown system error/.test(String(code))) return nameOfNumber(-errno);
  if (typeof code === "string" && code !== "UNKNOWN") return code;
  // Rust's standard library appends the number to the text of such an error.
  const number = /\(os error (\d+)\)/.exec(error.message)?.[1];
  return number === undefined ? "" : nameOfNumber(Number(number), system);
}

/** Whether Windows refuses a name as such. Deno and Node.js report it with the code of a missing file. */
export function isInvalidName(error: unknown, system: string = SYSTEM): boolean {
  return system === "windows" && error instanceof Error && error.message.includes("(os error 123)");
}
