// Which pli the tests of the whole product start: the sources; or, where PLI_PROGRAM gives the path of a bundle, that
// alone, with the rights that the binary has and without packages; or the binary that it gives.

import { fileURLToPath } from "node:url";
import { PERMISSIONS } from "../../scripts/compile.ts";

const MAIN = fileURLToPath(new URL("../../main.ts", import.meta.url));
/** Nothing beside the bundle has a say, and nothing is fetched. */
const ALONE = ["--no-prompt", "--no-config", "--no-lock", "--no-remote", "--no-npm", "--no-check"];

/** Where the pli is that was asked for; null for the sources. */
export const PROGRAM: string | null = Deno.env.get("PLI_PROGRAM") || null;

/** What starts a bundle alone. */
export function bundleCommand(bundle: string): [string, ...string[]] {
  return [Deno.execPath(), "run", ...ALONE, ...PERMISSIONS, bundle];
}

/** What starts the pli under test; its arguments follow. */
export const pliCommand: readonly [string, ...string[]] = commandOf(PROGRAM);

function commandOf(program: string | null): [string, ...string[]] {
  if (program === null) return [Deno.execPath(), "run", "-A", "--no-check", MAIN];
  return program.endsWith(".js") ? bundleCommand(program) : [program];
}
