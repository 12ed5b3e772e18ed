// The browser of the tests: PLI_CHROMIUM, or Debian's. It connects to nothing by itself.

import { existsSync } from "node:fs";

export const CHROMIUM = Deno.env.get("PLI_CHROMIUM") ?? "/usr/bin/chromium";
/** The reason for ignoring tests in a browser; null if there is one. */
export const NO_BROWSER = existsSync(CHROMIUM) ? null : `there is no ${CHROMIUM}`;
export const ARGUMENTS: readonly string[] = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
