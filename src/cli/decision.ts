// What is coming, shown before it is received, and the question whether it may, where one is due.

import type { Offer } from "../engine/mod.ts";
import type { ReceiveArguments } from "./arguments.ts";
import { LineReader } from "./line_reader.ts";
import type { Session } from "./run.ts";
import { UsageError } from "./usage_error.ts";
import type { Words } from "./words.ts";

const NAMES_SHOWN = 8;

/** Shows an offer and decides on it. Throws `consent_needed` when nobody can be asked, `nothing_chosen`. */
export async function decideOn(
  offer: Offer,
  { preview, yes, only }: Pick<ReceiveArguments, "preview" | "yes" | "only">,
  session: Session,
): Promise<boolean> {
  if (offer.files.length === 0 && only.length > 0) throw new UsageError("nothing_chosen", { globs: only });
  const { output } = session;
  const isQuestion = (preview || offer.consents.length > 0) && !yes;
  const lines = [...offerLines(offer, output.words), ...consentLines(offer, output.words)];
  lines.forEach((line) => isQuestion ? output.insist(line) : output.say(line));
  if (!isQuestion) return true;
  if (!output.canAsk) {
    throw new UsageError("consent_needed", { names: offer.consents.map(({ name }) => name) });
  }
  return await isAnsweredYes(session);
}

/** The names and sizes of an offer, a few of them, and the sum. */
export function offerLines(
  { files, bytes }: Pick<Offer, "files" | "bytes">,
  words: Words,
  shown = NAMES_SHOWN,
): string[] {
  const lines = files.slice(0, shown).map((file) => `  ${file.name}  ${words.size(file.bytes)}`);
  const sum = words.say("amount", { files: words.files(files.length), size: words.size(bytes) });
  return [...lines, ...moreLines(files.length - shown, words), sum];
}

function consentLines({ consents }: Offer, words: Words): string[] {
  const lines = consents.slice(0, NAMES_SHOWN).map(({ name, reason }) => {
    return `  ${words.say("reasonFor", { name, reason: words.catalogue.consents[reason] })}`;
  });
  if (lines.length === 0) return [];
  return [words.say("lookFirst"), ...lines, ...moreLines(consents.length - NAMES_SHOWN, words)];
}

function moreLines(count: number, words: Words): string[] {
  return count > 0 ? [`  ${words.say("andMore", { count })}`] : [];
}

async function isAnsweredYes({ world, output, signal }: Session): Promise<boolean> {
  const { words } = output;
  output.ask(words.say("askReceive"));
  using lines = new LineReader(world.terminal.input.readable);
  const answer = await lines.line(signal);
  return words.say("yes").split(" ").includes(answer?.trim().toLowerCase() ?? "");
}
