// From a thrown value to what there is to say about it: the code with its parameters, the exit code, which advice
// to give, and the chain of causes. Whatever is not one of the three families of errors is a mistake in pli.

import { AppError } from "../app/errors.ts";
import { isPliError } from "../engine/mod.ts";
import { CATALOGUE, type FailureCode, type FailureParameters } from "./catalogue.ts";
import type { ExitCode } from "./exit_codes.ts";
import { UsageError } from "./usage_error.ts";
import type { Advice } from "./words/catalogue.ts";

/** Parameters that somebody typed. */
const TYPED = ["command", "argument", "which"];
const TYPED_CHARACTERS = 24;

export interface Failure {
  code: FailureCode;
  parameters: Readonly<Record<string, unknown>>;
  exit: ExitCode;
  advice: readonly Advice[];
  /** What is here of a download that it has ended. */
  keptBytes: number;
  /** The causes, the nearest first, in their own words. */
  causes: string[];
}

/** Explains whatever a command threw, `keptBytes` being here of a download that it has ended. */
export function explain(error: unknown, keptBytes = 0): Failure {
  if (isPliError(error)) return describe(error.code, error.parameters, error, keptBytes);
  if (error instanceof AppError) return describe(error.code, error.parameters, error);
  if (error instanceof UsageError) return describe(error.code, error.parameters, error);
  const failure = describe("internal", { what: inItsWords(error) }, error instanceof Error ? error : null);
  // Where a mistake was made is what its report needs.
  if (error instanceof Error && error.stack !== undefined) failure.causes.unshift(error.stack);
  return failure;
}

/** The error for a standard output that cannot be written; null when its reader just went away. */
export function outputFailure(cause: unknown): UsageError | null {
  if (cause instanceof Deno.errors.BrokenPipe) return null;
  const isFull = cause instanceof Error && "code" in cause && cause.code === "ENOSPC";
  return new UsageError(isFull ? "output_full" : "output_failed", {}, { cause });
}

function describe<C extends FailureCode>(
  code: C,
  parameters: FailureParameters[C],
  error: Error | null,
  keptBytes = 0,
): Failure {
  const { exit, advice } = CATALOGUE[code];
  return {
    code,
    parameters: Object.fromEntries(
      Object.entries(parameters).map((
        [name, value],
      ) => [name, TYPED.includes(name) ? shortened(value) : value]),
    ),
    exit,
    advice: typeof advice === "function" ? advice(parameters, keptBytes) : advice,
    keptBytes,
    causes: causesOf(error),
  };
}

/** Cut to what is enough to know it again: it can be a whole ticket, which is a secret. */
function shortened(text: string): string {
  return text.length > TYPED_CHARACTERS ? `${text.slice(0, TYPED_CHARACTERS - 4)}…` : text;
}

function causesOf(error: Error | null): string[] {
  const causes: string[] = [];
  const seen = new Set<unknown>([error]);
  let cause = error?.cause;
  while (cause !== undefined && cause !== null && !seen.has(cause)) {
    seen.add(cause);
    causes.push(inItsWords(cause));
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return causes;
}

function inItsWords(value: unknown): string {
  return value instanceof Error ? `${value.name}: ${value.message}` : String(value);
}
