// The one place where an error of the operating system becomes a PliError. Everything above the disk decides
// by code; the system's own words travel along as the cause and are not read again.

import { type ErrorCode, PliError } from "../errors.ts";

/** What systems say where nothing has a name, and where something has it. */
export const MISSING: ReadonlySet<string> = new Set(["ENOENT", "ENOTDIR"]);
export const TAKEN: ReadonlySet<string> = new Set(["EEXIST"]);

const CODES: ReadonlyMap<string, Extract<ErrorCode, `disk_${string}`>> = new Map([
  ["ENOSPC", "disk_full"],
  ["EDQUOT", "disk_full"],
  ["EROFS", "disk_read_only"],
  ["EACCES", "disk_denied"],
  ["EPERM", "disk_denied"],
]);

/** The system's code of an error, such as `ENOENT`; "" for an error that did not come from the system. */
export function systemCode(error: unknown): string {
  const code = error instanceof Error ? (error as Error & { code?: unknown }).code : undefined;
  return typeof code === "string" ? code : "";
}

/** The PliError for a system error at a path: `disk_full`, `disk_read_only`, `disk_denied`, `disk_failed`. */
export function diskFault(error: unknown, path: string): PliError {
  // Deno's own refusal (run without --allow-read or --allow-write) has no code of the system.
  const code = error instanceof Deno.errors.NotCapable ? "disk_denied" : CODES.get(systemCode(error));
  return new PliError(code ?? "disk_failed", { path }, { cause: error });
}

/**
 * Runs an operation; an error with one of the codes of `expected` is its result `otherwise`, any other one
 * a PliError.
 */
export async function attempt<T, E>(
  path: string,
  expected: ReadonlySet<string>,
  otherwise: E,
  operation: () => Promise<T>,
): Promise<T | E> {
  try {
    return await operation();
  } catch (error) {
    return otherwiseFault(error, path, expected, otherwise);
  }
}

/** The same for an operation that is done when it returns. */
export function attemptSync<T, E>(
  path: string,
  expected: ReadonlySet<string>,
  otherwise: E,
  operation: () => T,
): T | E {
  try {
    return operation();
  } catch (error) {
    return otherwiseFault(error, path, expected, otherwise);
  }
}

function otherwiseFault<E>(error: unknown, path: string, expected: ReadonlySet<string>, otherwise: E): E {
  if (expected.has(systemCode(error))) return otherwise;
  throw diskFault(error, path);
}
