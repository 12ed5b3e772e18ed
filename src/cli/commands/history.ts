// `pli history`: lists what was sent and received by the command line and the page, or removes entries.

import { History, MAXIMUM_ENTRIES, withPresence } from "../../app/history.ts";
import { checkHistoryWritable, HistoryToRead } from "../../app/history_to_read.ts";
import { Home } from "../../app/home.ts";
import type { OnNotice } from "../../app/notices.ts";
import type { HistoryEntry } from "../../app/views.ts";
import { exclusive, UsageError } from "../errors.ts";
import { type Arguments, type OptionTable, OUTPUT } from "../options.ts";
import { historyLine, historyTable } from "../report/lists.ts";
import type { Output } from "../report/output.ts";
import type { CliContext } from "../session.ts";

/** The options of the command. */
export const OPTIONS = { all: {}, remove: {}, clear: {}, ...OUTPUT } as const satisfies OptionTable;

type HistoryArguments = ReturnType<typeof read>;

/** Reads which entries --remove removes. Throws UsageError. */
export function read(args: Arguments<typeof OPTIONS>, which: readonly string[]) {
  const actions = (["all", "remove", "clear"] as const).filter((name) => args[name]);
  if (actions.length > 1) throw exclusive(actions.map((name) => `--${name}`));
  if (args.remove && which.length === 0) throw new UsageError("remove_unchosen", {});
  if (!args.remove && which.length > 0) {
    throw new UsageError("argument_unwanted", { command: "history", argument: which[0] });
  }
  return { ...args, which };
}

/** Number of listed entries without --all. */
const SHOWN = 20;

/** Runs the command. */
export async function run(args: HistoryArguments, { ports, output }: CliContext): Promise<void> {
  // Files that were set aside are erased too, so their notice is omitted.
  let isNoticed = false;
  const notify: OnNotice = args.clear ? () => {} : (notice) => {
    isNoticed = true;
    output.notice(notice);
  };
  const home = await Home.open(ports.environment, notify);
  if (args.clear || args.remove) {
    await checkHistoryWritable(home);
    using entries = await History.open(home);
    return args.clear ? clear(entries, output) : remove(args.which, entries, output);
  }
  await using opened = await HistoryToRead.open(home);
  const count = args.all ? MAXIMUM_ENTRIES : SHOWN;
  const { entries: found, more, unreadable } = opened.history.before(null, count);
  const listed = await Promise.all(found.map(withPresence));
  // A history that cannot be read is not one of nothing.
  if (listed.length > 0 || (!isNoticed && unreadable === 0)) list(listed, more, output);
  if (unreadable > 0) output.notice({ code: "entries_unreadable", parameters: { count: unreadable } });
}

function list(
  entries: readonly HistoryEntry[],
  isCut: boolean,
  output: Output,
): void {
  const { words } = output;
  entries.forEach((entry) => output.json(historyLine(entry)));
  if (entries.length === 0) return output.say(words.say("noHistory"));
  historyTable(entries, words, output.resultColumns).forEach((line) => output.result(line));
  output.say("");
  if (isCut) output.say(words.say("moreHistory"));
  output.say(words.say("forgetHow", { id: String(entries[0].id) }));
}

function clear(entries: History, output: Output): void {
  const cleared = entries.clear();
  output.json({ type: "cleared", ...cleared });
  const { entries: count, isNewer, setAside } = cleared;
  if (isNewer) output.say(output.words.say("forgottenNewer"));
  else if (count > 0 || setAside === 0) output.say(output.words.say("forgottenCount", { count }));
  if (setAside > 0) output.say(output.words.say("forgottenSetAside", { count: setAside }));
}

/** Removes all named entries, or none if one is unknown. */
function remove(which: readonly string[], entries: History, output: Output): void {
  const found = which.map((word) => {
    const entry = /^\d{1,15}$/.test(word) ? entries.find(Number(word)) : null;
    if (entry === null) throw new UsageError("entry_unknown", { which: word });
    return entry;
  });
  for (const entry of found) {
    const { id, title } = entry;
    entries.remove(id);
    output.json({ type: "removed", id, title });
    const { words } = output;
    output.say(words.say("forgotten", { title: words.entryTitle(entry) }));
  }
}
