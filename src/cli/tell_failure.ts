// How a failure is told: as words with advice, as a JSON line, and with -v together with its causes.

import type { ExitCode } from "./exit_codes.ts";
import type { Failure } from "./failure.ts";
import type { FailureWords } from "./failure_words.ts";
import type { Output } from "./output.ts";
import type { Session } from "./run.ts";
import { ENGLISH, type Words } from "./words.ts";

/** More lines of a cause (the binding's have a whole stack) help nobody. */
const CAUSE_LINES = 12;

/** Says why something failed. Resolves to the exit code for it. */
export async function tellFailure(
  error: unknown,
  { output, kept }: Pick<Session, "output" | "kept">,
  isVerbose: boolean,
): Promise<ExitCode> {
  const { explain } = await import("./failure.ts");
  const failure = explain(error, kept.bytes);
  const { words } = output;
  const { message, advice } = await tellAsJson(failure, output);
  output.insist(words.say("error", { message }), "bad");
  output.insist(advice);
  if (isVerbose) verboseLines(failure, words).forEach((line) => output.insist(line, "faint"));
  return failure.exit;
}

/** Tells a failure as a JSON line, which is in English. Resolves to its words for people. */
export async function tellAsJson(failure: Failure, output: Output): Promise<FailureWords> {
  const { failureInWords } = await import("./failure_words.ts");
  const { code, parameters } = failure;
  output.json({ type: "error", code, parameters, ...failureInWords(failure, ENGLISH) });
  return failureInWords(failure, output.words);
}

/** What the sentences leave out: the code, what it is about, and the causes. */
function verboseLines({ code, parameters, causes }: Failure, words: Words): string[] {
  return [`  ${code} ${JSON.stringify(parameters)}`, ...causes.flatMap((cause) => causeLines(cause, words))];
}

/** A cause on lines of its own, which cannot be taken for lines of pli. */
function causeLines(cause: string, words: Words): string[] {
  return cause.trim().split("\n").slice(0, CAUSE_LINES).map((line, index) => {
    return index === 0 ? `  ${words.say("causedBy", { cause: line })}` : `  | ${line}`;
  });
}
