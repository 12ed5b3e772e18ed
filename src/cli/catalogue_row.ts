// The shape of the tables of errors in words.

import type { ExitCode } from "./exit_codes.ts";

export interface Row<Parameters> {
  exit: ExitCode;
  /** What happened, and to what; begins in lower case and ends without a full stop. */
  message: (parameters: Parameters) => string;
  /** What to do, in whole sentences; `keptBytes` are here of a download, for going on with it. */
  advice: (parameters: Parameters, keptBytes: number) => string;
}

/** A row for every code of a family. */
export type Rows<Family> = { readonly [Code in keyof Family]: Row<Family[Code]> };
