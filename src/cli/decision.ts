// What is coming, shown before it is received, and the question whether it may, where one is due.

import type { ConsentReason, Offer } from "../engine/mod.ts";
import type { ReceiveArguments } from "./arguments.ts";
import { LineReader } from "./line_reader.ts";
import type { Session } from "./run.ts";
import { UsageError } from "./usage_error.ts";
import { countInWords, sizeInWords } from "./words.ts";

const NAMES_SHOWN = 8;

const CONSENTS: Readonly<Record<ConsentReason, string>> = {
  dot_file: "hidden, at the top of the folder",
  overwrite: "replaces what is there",
};

/** Shows an offer and decides on it. Throws `consent_needed` when nobody can be asked, `nothing_chosen`. */
export async function decideOn(
  offer: Offer,
  { preview, yes, only }: Pick<ReceiveArguments, "preview" | "yes" | "only">,
  session: Session,
): Promise<boolean> {
  if (offer.files.length === 0 && only.length > 0) throw new UsageError("nothing_chosen", { globs: only });
  const { output } = session;
  const isQuestion = (preview || offer.consents.length > 0) && !yes;
  const lines = [...offerLines(offer), ...consentLines(offer)];
  lines.forEach((line) => isQuestion ? output.insist(line) : output.say(line));
  if (!isQuestion) return true;
  if (!output.canAsk) {
    throw new UsageError("consent_needed", { names: offer.consents.map(({ name }) => name) });
  }
  return await isAnsweredYes("Receive this? [y/N]", session);
}

/** The names and sizes of an offer, a few of them, and the sum. */
export function offerLines({ files, bytes }: Pick<Offer, "files" | "bytes">, shown = NAMES_SHOWN): string[] {
  const lines = files.slice(0, shown).map((file) => `  ${file.name}  ${sizeInWords(file.bytes)}`);
  if (files.length > shown) lines.push(`  and ${files.length - shown} more`);
  return [...lines, `${countInWords(files.length, "file")}, ${sizeInWords(bytes)}`];
}

function consentLines({ consents }: Offer): string[] {
  const lines = consents.slice(0, NAMES_SHOWN).map(({ name, reason }) => `  ${name}: ${CONSENTS[reason]}`);
  if (consents.length > NAMES_SHOWN) lines.push(`  and ${consents.length - NAMES_SHOWN} more of these`);
  return lines.length === 0 ? [] : ["Look at these first:", ...lines];
}

async function isAnsweredYes(question: string, { world, output, signal }: Session): Promise<boolean> {
  output.ask(question);
  using lines = new LineReader(world.terminal.input.readable);
  const answer = await lines.line(signal);
  return /^y(es)?$/i.test(answer?.trim() ?? "");
}
