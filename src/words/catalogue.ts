// What every language says of the engine's and the app's codes, wherever it is said. English gives the keys, the
// codes theirs: one that is missing in any language does not compile.

import type { AppErrorCode } from "../app/errors.ts";
import type { ErrorCode, NameFault, SkipReason, TicketFault, WaitReason } from "../engine/mod.ts";
import type { en } from "./en.ts";
import { fill, type Parameters, type Plural, type Translated, type Voice } from "./sentence.ts";

/** What English has to have. */
export interface Shape {
  readonly counts: Readonly<Record<string, Plural>>;
  readonly skips: Readonly<Record<SkipReason, string>>;
  readonly waits: Readonly<Record<WaitReason, string>>;
  readonly ticketFaults: Readonly<Record<TicketFault, string>>;
  readonly nameFaults: Readonly<Record<NameFault, string>>;
  /** In place of a name that is not known. */
  readonly someFile: string;
  /** What happened, in whole sentences. */
  readonly errors: Readonly<Record<ErrorCode | AppErrorCode, string>>;
  /** What to do, where that is the same in a terminal and on the page. */
  readonly advice: Readonly<Record<string, string>>;
}

export type CommonWords = Translated<typeof en>;

/** What happened, by a code of the errors of a catalogue. */
export function errorInWords<Code extends string>(
  code: Code,
  parameters: Parameters,
  words: CommonWords & { readonly errors: Readonly<Record<Code, string>> },
  voice: Voice,
): string {
  const faults: Readonly<Record<string, string>> = code === "ticket_malformed"
    ? words.ticketFaults
    : words.nameFaults;
  const fault = faults[String(parameters.fault)] ?? parameters.fault;
  const name = parameters.name ?? words.someFile;
  return fill(words.errors[code], { ...parameters, fault, name }, voice);
}
