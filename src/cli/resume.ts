// `pli resume`: lists the downloads that were interrupted, goes on with some or all of them, or discards them.

import { beginDownload, listDownloads } from "../app/downloads.ts";
import { Home } from "../app/home.ts";
import { PliError } from "../engine/mod.ts";
import type { ResumeArguments } from "./arguments.ts";
import { download } from "./download.ts";
import { EXIT, type ExitCode } from "./exit_codes.ts";
import { limitOption } from "./limit.ts";
import { networkOptions } from "./network.ts";
import { printNames } from "./receive.ts";
import { choose, jsonOf, type Numbered, tableOf, titleInWords } from "./resume_list.ts";
import type { Session } from "./run.ts";
import { tellFailure } from "./tell_failure.ts";

/** Runs the command. Resolves to the exit code: of several downloads, that of the first that failed. */
export async function resume(given: ResumeArguments, session: Session): Promise<ExitCode> {
  const { world, output, signal } = session;
  networkOptions(given);
  limitOption(given);
  const home = await Home.open(world.environment);
  const all = (await listDownloads(home)).map((entry, index) => ({ ...entry, number: index + 1 }));
  if (!given.all && given.which.length === 0) {
    list(all, session);
    return EXIT.done;
  }
  const chosen = given.all ? all.filter(isFree(session)) : choose(all, given.which);
  if (chosen.length === 0) output.say(output.words.say("noneUnfinished"));
  let exit: ExitCode = EXIT.done;
  for (const entry of chosen) {
    try {
      output.json(jsonOf(entry));
      if (given.discard) await discard(entry, home, session);
      else await goOn(entry, given, home, session);
    } catch (error) {
      if (signal.aborted || chosen.length === 1) throw error;
      output.clearProgress();
      const failed = await tellFailure(error, session, given.verbose);
      if (exit === EXIT.done) exit = failed;
    }
  }
  return exit;
}

function list(all: readonly Numbered[], { output }: Session): void {
  all.forEach((entry) => output.json(jsonOf(entry)));
  if (all.length === 0) return output.say(output.words.say("noneUnfinished"));
  tableOf(all, output.words).forEach((line) => output.result(line));
  output.say("");
  output.say(output.words.say("goOnHow"));
  output.say(output.words.say("discardHow"));
}

/** Whether no other process works on a download; says so of one that another does. */
function isFree({ output }: Session): (entry: Numbered) => boolean {
  return (entry) => {
    const { isRunning, folder } = entry;
    if (!isRunning) return true;
    output.json(jsonOf(entry));
    const title = titleInWords(entry, output.words);
    output.say(output.words.say("receivedElsewhere", { title, folder }), "warning");
    return false;
  };
}

async function goOn(entry: Numbered, given: ResumeArguments, home: Home, session: Session): Promise<void> {
  const { output } = session;
  output.say(output.words.say("goingOn", { title: titleInWords(entry, output.words), folder: entry.folder }));
  const fetched = await download(entry, { ...given, preview: false }, session, {
    home,
    mustBeRemembered: true,
  });
  if (!given.quiet) printNames(fetched, entry.folder, output);
}

async function discard(entry: Numbered, home: Home, { world, output }: Session): Promise<void> {
  using open = await beginDownload(home, entry, null);
  const { ticket, folder, number, title } = entry;
  if (!open.isRemembered) throw new PliError("destination_busy", { path: folder });
  await (await world.engine()).discard({ ticket, folder });
  await open.discarded();
  output.json({ type: "discarded", number, title, folder });
  output.say(output.words.say("discarded", { title: titleInWords(entry, output.words), folder }));
}
