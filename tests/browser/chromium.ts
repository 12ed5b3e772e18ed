// The browser of the tests: PLI_CHROMIUM, or Debian's. It calls nobody by itself.

import { existsSync } from "node:fs";

export const CHROMIUM = Deno.env.get("PLI_CHROMIUM") ?? "/usr/bin/chromium";
export const hasBrowser = existsSync(CHROMIUM);
export const ARGUMENTS: readonly string[] = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
