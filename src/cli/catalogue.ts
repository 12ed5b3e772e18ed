// Every error in words: what happened, to what, and what to do, with the exit code beside it. The tables are
// complete by their types: a code that is added to a family of errors does not compile before it stands in
// its table.

import type { AppErrorParameters } from "../app/errors.ts";
import type { ErrorParameters } from "../engine/mod.ts";
import { ENGINE_CATALOGUE } from "./catalogue_engine.ts";
import { HOME_CATALOGUE } from "./catalogue_home.ts";
import type { Rows } from "./catalogue_row.ts";
import { USAGE_CATALOGUE } from "./catalogue_usage.ts";
import type { UsageParameters } from "./usage_error.ts";

/** All that a command can fail with. */
export type FailureParameters = ErrorParameters & AppErrorParameters & UsageParameters;
export type FailureCode = keyof FailureParameters;

export const CATALOGUE: Rows<FailureParameters> = {
  ...ENGINE_CATALOGUE,
  ...HOME_CATALOGUE,
  ...USAGE_CATALOGUE,
};
