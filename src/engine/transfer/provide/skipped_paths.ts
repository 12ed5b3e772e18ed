// Reports the paths that a share leaves out. A path below a given one is an event; a given path itself is an error,
// unless the user chose to skip unreadable files.

import { isPliError, PliError } from "../../errors.ts";
import type { ShareOptions } from "../../options.ts";
import { isGivenName } from "../../skip_reason.ts";
import type { SkippedPath } from "../../store/walk.ts";

export class SkippedPaths {
  readonly #options: Pick<ShareOptions, "onEvent" | "skipUnreadable">;
  #firstDenied: string | null = null;

  constructor(options: Pick<ShareOptions, "onEvent" | "skipUnreadable">) {
    this.#options = options;
  }

  /** Reports a path that is skipped. Throws `source_denied`, `source_unsendable` or `disk_*` for a given path. */
  readonly report = (skipped: SkippedPath): void => {
    const { name, path, reason, fault } = skipped;
    const { onEvent, skipUnreadable = false } = this.#options;
    if (isGivenName(name) && reason !== "excluded" && !skipUnreadable) throw givenFault(skipped);
    if (isPliError(fault, "disk_denied")) this.#firstDenied ??= path;
    onEvent({ type: "skipped", name, reason });
  };

  /** The error of a share without any sendable file. */
  nothingToSend(): PliError {
    if (this.#firstDenied !== null) return new PliError("source_denied", { path: this.#firstDenied });
    return new PliError("nothing_to_send", {});
  }
}

function givenFault({ path, reason, fault }: SkippedPath): PliError {
  if (isPliError(fault, "disk_denied")) return new PliError("source_denied", { path }, { cause: fault });
  if (reason === "unreadable" && fault?.code.startsWith("disk_")) return fault;
  return new PliError("source_unsendable", { path, reason }, { cause: fault });
}
