// `pli history`: lists what was sent and received, by the command line and by the page, or forgets it; and notes what
// the command line has sent and received.

import { History, MAXIMUM_ENTRIES, type NewEntry, withPresence } from "../app/history.ts";
import { Home } from "../app/home.ts";
import type { HistoryEntry } from "../app/views.ts";
import type { HistoryArguments } from "./arguments.ts";
import { explain } from "./failure.ts";
import { failureInWords } from "./failure_words.ts";
import { jsonOf, tableOf } from "./history_list.ts";
import type { Output } from "./output.ts";
import type { Session } from "./run.ts";
import { UsageError } from "./usage_error.ts";

/** How many entries are listed unless all are wanted. */
const SHOWN = 20;

/** Runs the command. */
export async function history(given: HistoryArguments, { world, output }: Session): Promise<void> {
  using entries = await History.open(await Home.open(world.environment));
  if (given.clear) {
    const count = entries.clear();
    output.json({ type: "cleared", entries: count });
    return output.say(output.words.say("forgottenCount", { count }));
  }
  if (given.remove) return remove(given.which, entries, output);
  const count = given.all ? MAXIMUM_ENTRIES : SHOWN;
  const found = entries.before(null, count);
  const listed = await Promise.all(found.slice(0, count).map(withPresence));
  list(listed, found.length > listed.length, world.terminal.output.isTerminal, output);
}

/** Notes a transfer. Where that cannot be done the transfer is done all the same: only -v tells. */
export async function note(entry: NewEntry, home: Home, output: Output, isVerbose: boolean): Promise<void> {
  try {
    using history = await History.open(home);
    history.add(entry);
  } catch (error) {
    if (!isVerbose) return;
    const { message } = failureInWords(explain(error), output.words);
    output.say(output.words.say("notNoted", { message }), "warning");
  }
}

function list(
  entries: readonly HistoryEntry[],
  isCut: boolean,
  isTerminal: boolean,
  output: Output,
): void {
  const { words } = output;
  entries.forEach((entry) => output.json(jsonOf(entry)));
  if (entries.length === 0) return output.say(words.say("noHistory"));
  tableOf(entries, words, isTerminal ? output.columns : null).forEach((line) => output.result(line));
  output.say("");
  if (isCut) output.say(words.say("moreHistory"));
  output.say(words.say("forgetHow", { id: String(entries[0].id) }));
}

/** All that were named, or none. */
function remove(which: readonly string[], entries: History, output: Output): void {
  const found = which.map((word) => {
    const entry = /^\d{1,15}$/.test(word) ? entries.find(Number(word)) : null;
    if (entry === null) throw new UsageError("entry_unknown", { which: word });
    return entry;
  });
  for (const { id, title } of found) {
    entries.remove(id);
    output.json({ type: "removed", id, title });
    const { words } = output;
    output.say(words.say("forgotten", { title: title ?? words.say("severalFiles") }));
  }
}
