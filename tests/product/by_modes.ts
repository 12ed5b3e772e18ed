// The command that runs pli without the capabilities of root, so that modes of files apply to it.

import { unlessSucceeds } from "../left_out.ts";

export const IS_ROOT = Deno.build.os === "linux" && Deno.uid() === 0;
/** The capabilities by which root ignores modes. */
const RIGHTS = "-dac_override,-dac_read_search";
/** The beginning of a command without these capabilities. */
export const BY_MODES = IS_ROOT ? ["setpriv", `--bounding-set=${RIGHTS}`, `--inh-caps=${RIGHTS}`] : [];
/** The reason for ignoring tests that need such a command; null if there is none. */
export const NO_MODES = IS_ROOT
  ? await unlessSucceeds("setpriv cannot be used", ...BY_MODES as [string], "true")
  : null;
