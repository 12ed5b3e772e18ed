// `pli resume`: lists interrupted downloads, continues some or all of them, or discards them.

import { Home } from "../../app/home.ts";
import { listDownloads } from "../../app/transfers/unfinished_downloads.ts";
import { download, type DownloadRecordOptions, exitOf, printNames, transferOf } from "../download.ts";
import { exclusive, EXIT, type ExitCode, UsageError } from "../errors.ts";
import { type Arguments, BIND, LIMIT, LOG, NETWORK, type OptionTable, OUTPUT, WAIT } from "../options.ts";
import { reportFailure } from "../report/failure.ts";
import { downloadLine, downloadTable, lostLines, type Numbered, senderOf } from "../report/lists.ts";
import { type CliContext, limitOption, networkOptions, noticeSlowBinding, sayBinding } from "../session.ts";

/** The options of the command. */
export const OPTIONS = {
  all: {},
  discard: {},
  ...LIMIT,
  ...WAIT,
  yes: {},
  ...NETWORK,
  ...BIND,
  ...LOG,
  ...OUTPUT,
} as const satisfies OptionTable;

type ResumeArguments = ReturnType<typeof read>;

/**
 * Reads the chosen downloads: numbers of the list, or prefixes of its titles and ids. None, without --all, prints the
 * list. Throws UsageError.
 */
export function read(args: Arguments<typeof OPTIONS>, which: readonly string[]) {
  const { all, discard } = args;
  if (all && which.length > 0) throw exclusive(["--all", which[0]]);
  if (discard && !all && which.length === 0) throw new UsageError("discard_unchosen", {});
  return { ...args, which };
}

/** Runs the command. Resolves to the exit code of the first download that was not completed. */
export async function run(args: ResumeArguments, context: CliContext): Promise<ExitCode> {
  const { ports, output, signal } = context;
  sayBinding(args, context);
  networkOptions(args);
  limitOption(args);
  const home = await Home.open(ports.environment, (notice) => context.output.notice(notice));
  const all = (await listDownloads(home)).map((entry, index) => ({ ...entry, number: index + 1 }));
  if (!args.all && args.which.length === 0) {
    list(all, context);
    return EXIT.done;
  }
  const chosen = args.all ? all.filter(isFree(context)) : choose(all, args.which);
  if (chosen.length === 0) output.say(output.words.say("noneUnfinished"));
  else if (!args.discard) noticeSlowBinding(ports, home.notify);
  let exit: ExitCode = EXIT.done;
  for (const entry of chosen) {
    try {
      output.json(downloadLine(entry));
      if (args.discard) await discard(entry, args, home, context);
      else {
        const ended = await continueDownload(entry, args, home, context);
        if (exit === EXIT.done) exit = ended;
      }
    } catch (error) {
      if (signal.aborted || chosen.length === 1) throw error;
      output.clearProgress();
      const failed = reportFailure(error, context, args.verbose);
      if (exit === EXIT.done) exit = failed;
    }
  }
  return exit;
}

function list(all: readonly Numbered[], { output }: CliContext): void {
  all.forEach((entry) => output.json(downloadLine(entry)));
  if (all.length === 0) return output.say(output.words.say("noneUnfinished"));
  downloadTable(all, output.words, output.resultColumns).forEach((line) => output.result(line));
  lostLines(all, output.words).forEach((line) => output.sayDespiteQuiet(line, "warning"));
  output.say("");
  output.say(output.words.say("goOnHow"));
  output.say(output.words.say("discardHow"));
}

/** Whether no other process holds a download's record; reports one that is held. */
function isFree({ output }: CliContext): (entry: Numbered) => boolean {
  return (entry) => {
    const { isRunning, folder } = entry;
    if (!isRunning) return true;
    output.json(downloadLine(entry));
    const title = output.words.title(entry);
    output.say(output.words.say("receivedElsewhere", { title, folder }), "warning");
    return false;
  };
}

async function continueDownload(
  entry: Numbered,
  args: ResumeArguments,
  home: Home,
  context: CliContext,
): Promise<ExitCode> {
  const { output } = context;
  output.say(output.words.say("goingOn", { title: output.words.title(entry), folder: entry.folder }));
  const fetched = await download(entry, { ...args, preview: false }, context, requiredRecord(home));
  if (!args.quiet) printNames(fetched, entry.folder, output);
  return exitOf(fetched);
}

async function discard(
  entry: Numbered,
  args: ResumeArguments,
  home: Home,
  context: CliContext,
): Promise<void> {
  const { output } = context;
  await transferOf(entry, { ...args, preview: false }, context, requiredRecord(home)).discard();
  const { folder, number, title } = entry;
  output.json({ type: "discarded", number, title, folder });
  output.say(output.words.say("discarded", { title: output.words.title(entry), folder }));
}

function requiredRecord(home: Home): DownloadRecordOptions {
  return { home, isRecordRequired: true, notify: home.notify };
}

/**
 * The named downloads: by a number of the list, or by a prefix of a title or of a sender's id. Throws
 * `download_unknown`, `download_ambiguous`.
 */
export function choose(all: readonly Numbered[], which: readonly string[]): Numbered[] {
  const chosen = which.map((word) => {
    const numbered = all.find(({ number }) => String(number) === word);
    if (numbered !== undefined) return numbered;
    const begun = all.filter(({ title, ticket }) => {
      return title.startsWith(word) || senderOf(ticket).startsWith(word);
    });
    if (begun.length === 0) throw new UsageError("download_unknown", { which: word });
    if (begun.length > 1) {
      throw new UsageError("download_ambiguous", { which: word, numbers: begun.map(({ number }) => number) });
    }
    return begun[0];
  });
  return all.filter((entry) => chosen.includes(entry));
}
