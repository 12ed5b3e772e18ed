// Tests with requirements that not every computer meets: a program, the addon, rights. Without them the tests are
// ignored, their name has the reason, and the end of a run counts them by it. A test that returns early would count as
// passed.

import { delimiter, join } from "node:path";
import { isAtLeast, thisComputer } from "../scripts/prebuilt.mjs";
import { folderAccess } from "../src/engine/disk/folder_access.ts";
import { addonUrl } from "../src/engine/native/choice.ts";

export const ADDON_MISSING = "the native addon has not been built: npm run native builds it";

/** The reason for ignoring tests of the native addon; null if it has been built. */
export const NO_ADDON = addonUrl() === null ? ADDON_MISSING : null;

/** What the package of the stock binding for Linux with glibc needs; the prebuilt addons need 2.28. */
const STOCK_GLIBC = "2.34";

/** The reason for ignoring tests of the stock binding; null unless the computer's glibc is too old for it. */
export function withoutStock(): string | null {
  const { glibc } = thisComputer();
  return glibc === null || isAtLeast(glibc, STOCK_GLIBC)
    ? null
    : `the stock binding needs glibc ${STOCK_GLIBC}`;
}

/** The reason for ignoring tests in quick runs; null in the full one. */
export const NOT_FULL = Deno.env.get("PLI_LONG") === undefined ? "npm run test:full runs them" : null;

/** The reason for ignoring tests of Linux; null there. */
export const NOT_LINUX = Deno.build.os === "linux" ? null : "they need Linux";

/** The reason for ignoring tests of signals, modes, symlinks and FIFOs; null on Unix systems. */
export const NOT_UNIX = Deno.build.os === "windows" ? "they need a Unix system" : null;

/** The reason for ignoring tests of Windows; null there. */
export const NOT_WINDOWS = Deno.build.os === "windows" ? null : "they need Windows";

/** The reason for ignoring tests that need root and Linux; null for root. */
export const NOT_ROOT = Deno.build.os === "linux" && Deno.uid() === 0 ? null : "they need root on Linux";

/** The reason for ignoring tests that need the loopback of IPv6; null if there is one. */
export const NO_IPV6 = hasIpv6() ? null : "there is no IPv6";

function hasIpv6(): boolean {
  try {
    using _ = Deno.listen({ hostname: "::1", port: 0 });
    return true;
  } catch {
    return false;
  }
}

/** The beginning of a test's definition: its name, and whether it is ignored for the first given reason. */
export function needing(name: string, ...missing: (string | null)[]): { name: string; ignore: boolean } {
  const reason = missing.find((each) => each !== null);
  return reason === undefined
    ? { name, ignore: false }
    : { name: `${name} (left out: ${reason})`, ignore: true };
}

/** The reason for ignoring tests that start these programs; null if all of them are in PATH. */
export function without(...programs: string[]): string | null {
  const missing = programs.find((program) => !isInPath(program));
  return missing === undefined ? null : `there is no ${missing}`;
}

/** `reason`, for ignoring tests, if a command fails; null if it succeeds. */
export async function unlessSucceeds(
  reason: string,
  program: string,
  ...args: string[]
): Promise<string | null> {
  try {
    const command = new Deno.Command(program, { args, stdin: "null", stdout: "null", stderr: "null" });
    return (await command.output()).success ? null : reason;
  } catch {
    // On Windows a missing program is an error at once, not one of the promise.
    return reason;
  }
}

/** The reason for ignoring tests that continue or discard a download, whose folder must be the user's own. */
export async function withoutOwners(): Promise<string | null> {
  const access = await folderAccess(Deno.cwd());
  return access?.isKnown ? null : "the system does not report the owner of a folder";
}

function isInPath(program: string): boolean {
  return (Deno.env.get("PATH") ?? "").split(delimiter).some((folder) => {
    try {
      return Deno.statSync(join(folder, program)).isFile;
    } catch {
      return false;
    }
  });
}
