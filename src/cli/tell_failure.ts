// How a failure is told: as words with advice, as a JSON line, and with -v together with its causes.

import type { ExitCode } from "./exit_codes.ts";
import type { Session } from "./run.ts";

/** More lines of a cause (the binding's have a whole stack) help nobody. */
const CAUSE_LINES = 12;

/** Says why something failed. Resolves to the exit code for it. */
export async function tellFailure(
  error: unknown,
  { output, kept }: Pick<Session, "output" | "kept">,
  isVerbose: boolean,
): Promise<ExitCode> {
  const { explain } = await import("./failure.ts");
  const { code, exit, message, advice, causes } = explain(error, kept.bytes);
  output.json({ type: "error", code, message, advice });
  output.insist(`error: ${message}`, "bad");
  output.insist(advice);
  if (isVerbose) causes.flatMap(causeLines).forEach((line) => output.insist(line, "faint"));
  return exit;
}

/** A cause on lines of its own, which cannot be taken for lines of pli. */
function causeLines(cause: string): string[] {
  return cause.trim().split("\n").slice(0, CAUSE_LINES).map((line, index) => {
    return index === 0 ? `  caused by ${line}` : `  | ${line}`;
  });
}
