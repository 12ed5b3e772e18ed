// Reports the paths that a share leaves out. A path below a given one is an event. Given paths themselves are one error
// for all of them, unless the user chose to skip unreadable files; a path that does not exist always is.

import { isPliError, type OfGivenPaths, PliError } from "../../errors.ts";
import type { ShareOptions } from "../../options.ts";
import { isGivenName } from "../../skip_reason.ts";
import type { SkippedPath } from "../../store/walk.ts";

/** Maximum number of further paths in an error. */
export const MAXIMUM_OTHERS = 9;

type Options = Pick<ShareOptions, "paths" | "onEvent" | "skipUnreadable">;

export class SkippedPaths {
  readonly #options: Options;
  /** The given paths that are errors. */
  readonly #faults: SkippedPath[] = [];
  /** Number of given paths that are left out without being errors. */
  #leftOut = 0;
  #firstDenied: string | null = null;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Reports a path that is skipped. An error of a given path is kept for `throwFaults`. */
  readonly report = (skipped: SkippedPath): void => {
    const { name, path, reason, fault } = skipped;
    const { onEvent, skipUnreadable = false } = this.#options;
    if (isGivenName(name) && reason !== "excluded") {
      if (!skipUnreadable || isPliError(fault, "path_missing")) return void this.#faults.push(skipped);
    }
    if (isGivenName(name)) this.#leftOut++;
    if (isPliError(fault, "disk_denied")) this.#firstDenied ??= path;
    onEvent({ type: "skipped", name, reason });
  };

  /**
   * Throws `path_missing`, `source_denied`, `source_unsendable` or `disk_*` for the first given path that is an error,
   * with the others.
   */
  readonly throwFaults = (): void => {
    const { paths } = this.#options;
    const order = ({ path }: SkippedPath) => paths.indexOf(path);
    const [first, ...others] = this.#faults.toSorted((a, b) => order(a) - order(b));
    if (first === undefined) return;
    const more = others.length - MAXIMUM_OTHERS;
    const isNothingLeft = this.#faults.length + this.#leftOut >= paths.length;
    throw givenFault(first, {
      ...(others.length > 0 && {
        others: others.slice(0, MAXIMUM_OTHERS).map(({ path, reason, fault }) => {
          return { path, reason: isPliError(fault, "path_missing") ? "missing" : reason };
        }),
      }),
      ...(more > 0 && { moreOthers: more }),
      ...(isNothingLeft && { isNothingLeft }),
    });
  };

  /** The error of a share without any sendable file. */
  nothingToSend(): PliError {
    if (this.#firstDenied === null) return new PliError("nothing_to_send", {});
    return new PliError("source_denied", { path: this.#firstDenied, isNothingLeft: true });
  }
}

function givenFault({ path, reason, fault }: SkippedPath, ofGiven: OfGivenPaths): PliError {
  if (isPliError(fault, "path_missing")) {
    return new PliError("path_missing", { path, ...ofGiven }, { cause: fault.cause });
  }
  if (isPliError(fault, "disk_denied")) {
    return new PliError("source_denied", { path, ...ofGiven }, { cause: fault });
  }
  const isOfDisk = reason === "unreadable" && fault?.code.startsWith("disk_");
  if (isOfDisk && ofGiven.others === undefined) return fault!;
  return new PliError("source_unsendable", { path, reason, ...ofGiven }, { cause: fault });
}
