// The pli under test: the sources; or, if PLI_PROGRAM is the path of a bundle, the bundle alone, with the permissions of
// the compiled program and without packages; or the compiled program at that path.

import { fileURLToPath } from "node:url";
import { ALONE, PERMISSIONS, WITHOUT_PACKAGES } from "../../scripts/run_options.ts";
import { ignoredSignals } from "../../src/app/ignored_signals.ts";

const MAIN = fileURLToPath(new URL("../../main.ts", import.meta.url));

/** The path of the requested pli; null for the sources. */
export const PROGRAM: string | null = Deno.env.get("PLI_PROGRAM") || null;

/** The command that starts a bundle alone. */
export function bundleCommand(bundle: string): [string, ...string[]] {
  return [Deno.execPath(), "run", ...ALONE, ...WITHOUT_PACKAGES, ...PERMISSIONS, bundle];
}

/**
 * The beginning of a command for a program that must not inherit ignored signals, which a script that started the
 * tests in the background causes. Empty if there are none, or no tool for it.
 */
export const WITH_DEFAULT_SIGNALS: readonly string[] =
  Deno.build.os === "linux" && (await ignoredSignals()).size > 0
    ? ["env", "--default-signal=HUP,INT,TERM"]
    : [];

/** The command that starts the pli under test; its arguments follow. */
export const pliCommand: readonly [string, ...string[]] = [
  ...WITH_DEFAULT_SIGNALS,
  ...commandOf(PROGRAM),
] as [string, ...string[]];

function commandOf(program: string | null): [string, ...string[]] {
  if (program === null) return [Deno.execPath(), "run", "-A", "--no-check", MAIN];
  return program.endsWith(".js") ? bundleCommand(program) : [program];
}
