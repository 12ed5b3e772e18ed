// What can go wrong with pli's own folder. The same shape as the engine's family (a code, named parameters,
// a cause); the sentences stand in the catalogues of the rooms that print.

/** Every error code of this room with its parameters. */
export interface AppErrorParameters {
  /** No data folder can be derived from the environment. */
  home_unknown: Record<never, never>;
  /** The system denies access to pli's folder, or to something in it. */
  home_denied: { path: string };
  /** The volume of pli's folder is full. */
  home_full: { path: string };
  /** Any other fault of pli's folder; the cause has the system's own words. */
  home_unusable: { path: string };
}

export type AppErrorCode = keyof AppErrorParameters;

export class AppError<C extends AppErrorCode = AppErrorCode> extends Error {
  override readonly name = "AppError";

  constructor(readonly code: C, readonly parameters: AppErrorParameters[C], options?: { cause?: unknown }) {
    super(`${code} ${JSON.stringify(parameters)}`, options);
  }
}

const CODES: ReadonlyMap<unknown, "home_denied" | "home_full"> = new Map([
  ["EACCES", "home_denied"],
  ["EPERM", "home_denied"],
  ["EROFS", "home_denied"],
  ["ENOSPC", "home_full"],
  ["EDQUOT", "home_full"],
]);

/** The AppError for a system error at a path in pli's folder; one that is an AppError already stays it. */
export function homeFault(cause: unknown, path: string): AppError {
  if (cause instanceof AppError) return cause;
  // Deno's own refusal (run without --allow-read or --allow-write) has no code of the system.
  if (cause instanceof Deno.errors.NotCapable) return new AppError("home_denied", { path }, { cause });
  const systemCode = cause instanceof Error && "code" in cause ? cause.code : undefined;
  return new AppError(CODES.get(systemCode) ?? "home_unusable", { path }, { cause });
}
