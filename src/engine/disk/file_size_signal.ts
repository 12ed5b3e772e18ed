// The limit on the size of files (`ulimit -f`): without a listener the system ends the process by SIGXFSZ; with one
// the write fails (EFBIG) like any other. The system sends the signal for this limit alone, and not for the maximum of
// a volume, which fails in the same way.

import { isPliError, PliError } from "../errors.ts";
import { systemCode } from "./system_code.ts";

let isLimitExceeded = false;

/** Makes writes beyond the limit fail instead of ending the process. */
export function failAtFileSizeLimit(): void {
  if (Deno.build.os !== "windows") Deno.addSignalListener("SIGXFSZ", () => void (isLimitExceeded = true));
}

/**
 * `disk_file_limit` in place of `disk_file_too_large`, if the limit of the process was exceeded. To be called when an
 * error is shown, because the signal may be reported after the error.
 */
export function fileLimitFault(error: unknown): unknown {
  if (!isLimitExceeded || !isPliError(error, "disk_file_too_large")) return error;
  // Without a cause it was found before anything was written.
  if (systemCode(error.cause) !== "EFBIG") return error;
  return new PliError("disk_file_limit", error.parameters, { cause: error.cause });
}
