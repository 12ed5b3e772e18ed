// One download for `receive` and `resume`: the transfer that the page uses too, with the terminal's options, its
// question whether an offer is accepted, and its report.

import { join } from "node:path";
import type { Home } from "../app/home.ts";
import type { OnNotice } from "../app/notices.ts";
import { givenSecretKey } from "../app/secret_key.ts";
import { DownloadTransfer } from "../app/transfers/download_transfer.ts";
import {
  type DownloadTarget,
  openDownload,
  openDownloadWithFallback,
} from "../app/transfers/open_download.ts";
import { type Fetched, type Offer, PliError, systemClock } from "../engine/mod.ts";
import { EXIT, type ExitCode, UsageError } from "./errors.ts";
import type { Arguments, BIND, LIMIT, NETWORK, OUTPUT, WAIT } from "./options.ts";
import { Prompt } from "./prompt.ts";
import { consentLines, DownloadReport, offerLines, topNames } from "./report/download_report.ts";
import type { Output } from "./report/output.ts";
import {
  addToHistory,
  type CliContext,
  limitOption,
  networkOptions,
  waitLimitsOf,
  warnUnmatched,
} from "./session.ts";

/** Options that do not change what is downloaded. */
export type DownloadOptions =
  & Arguments<typeof LIMIT & typeof WAIT & typeof NETWORK & typeof BIND & typeof OUTPUT>
  & { preview: boolean; yes: boolean };

/** The received files, and their folder; null for standard output. */
export type Downloaded = Fetched & { folder: string | null };

/** The persistent state of a download. */
export type DownloadRecordOptions =
  & { notify: OnNotice }
  & ({ home: Home; isRecordRequired: true } | { home: Home | null; isRecordRequired: false });

/**
 * Downloads the content of a ticket and continues an earlier run. Throws the error that ended it, also `cancelled`.
 * With `isRecordRequired`, throws `destination_busy` if another process holds the ticket's record, and `home_*` if it
 * cannot be used; otherwise the download then runs without a record.
 */
export async function download(
  target: DownloadTarget,
  options: DownloadOptions,
  context: CliContext,
  record: DownloadRecordOptions,
): Promise<Downloaded> {
  const { output, signal, kept } = context;
  const transfer = transferOf(target, options, context, record);
  using report = new DownloadReport(output, options, target);
  transfer.observe(report.update);
  const stop = () => void transfer.pause();
  signal.addEventListener("abort", stop);
  try {
    if (!signal.aborted) await transfer.resume();
    const end = await transfer.ended();
    Object.assign(kept, transfer.kept);
    if (end.type === "fetched") return { ...end.fetched, folder: transfer.view.folder };
    throw end.type === "broken" ? end.error : new PliError("cancelled", {});
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** The terminal's download, before its first fetch. */
export function transferOf(
  target: DownloadTarget,
  options: DownloadOptions,
  context: CliContext,
  { home, isRecordRequired, notify }: DownloadRecordOptions,
): DownloadTransfer {
  const { ports, output, kept } = context;
  const key = givenSecretKey(ports.environment);
  return new DownloadTransfer({
    target,
    write: async (bytes) => {
      await output.data(bytes);
      kept.writtenBytes += bytes.length;
    },
    isRecordRequired: isRecordRequired,
    decide: async (offer, isConsented, unmatched) => {
      warnUnmatched("--only", unmatched, output, offer.files.length === 0);
      const yes = options.yes || (!options.preview && isConsented);
      return await decideOn(offer, { ...options, only: target.only, yes }, context);
    },
  }, {
    engine: ports.engine,
    openRecord: (target) =>
      isRecordRequired ? openDownload(home, target, key) : openDownloadWithFallback(home, target, key),
    network: () => ({
      ...networkOptions(options),
      waitLimits: waitLimitsOf(options),
      ...limitOption(options),
    }),
    notify,
    clock: home?.clock ?? systemClock,
    record: (entry) => addToHistory(entry, home, output, options.verbose),
  });
}

/** The exit code of a finished download. */
export function exitOf({ lost }: Pick<Fetched, "lost">): ExitCode {
  return lost.length === 0 ? EXIT.done : EXIT.partial;
}

/** Prints the names at the top of the folder, as the result. */
export function printNames({ names }: Fetched, folder: string, output: Output): void {
  for (const name of topNames(names)) output.result(join(folder, name));
}

/**
 * Shows an offer and decides on it. Throws `consent_needed` if there is no terminal for the question,
 * `nothing_chosen`.
 */
async function decideOn(
  offer: Offer,
  { preview, yes, only }: { preview: boolean; yes: boolean; only: readonly string[] },
  context: CliContext,
): Promise<boolean> {
  if (offer.files.length === 0 && only.length > 0) throw new UsageError("nothing_chosen", { globs: only });
  const { output } = context;
  // --overwrite requests the replacement.
  const consents = offer.consents.filter(({ reason }) => reason !== "overwrite");
  const isQuestion = (preview || consents.length > 0) && !yes;
  const lines = [...offerLines(offer, output.words), ...consentLines(offer, output.words)];
  lines.forEach((line) => isQuestion ? output.sayDespiteQuiet(line) : output.say(line));
  if (!isQuestion) return true;
  if (!output.canAsk) {
    throw new UsageError("consent_needed", { names: consents.map(({ name }) => name), consents });
  }
  return await isAnsweredYes(context);
}

async function isAnsweredYes(context: CliContext): Promise<boolean> {
  const { words } = context.output;
  await using prompt = new Prompt(context);
  const answer = await prompt.askForConsent(words.say("askReceive"));
  return words.say("yes").split(" ").includes(answer?.trim().toLowerCase() ?? "");
}
