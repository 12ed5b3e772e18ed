// The bundle in isolation: with its addon in an empty folder, and on a computer without a network. For the suites that
// prove that it needs nothing else.

import { join } from "node:path";
import { buildBundle } from "./programs.ts";

const LOOPBACK_ONLY = 'ip link set lo up && exec "$@"';

/** Builds the bundle in an empty folder, where every user may run it. Resolves to its path. */
export async function bundleAlone(folder: string): Promise<string> {
  const bundle = join(folder, "pli.js");
  await buildBundle(bundle);
  await Deno.chmod(folder, 0o755);
  return bundle;
}

/** The command prefix that runs a program with loopback only; null without root or outside Linux. */
export function withoutNetwork(): string[] | null {
  const isPossible = Deno.build.os === "linux" && Deno.uid() === 0;
  return isPossible ? ["unshare", "--net", "sh", "-c", LOOPBACK_ONLY, "sh"] : null;
}
