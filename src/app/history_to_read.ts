// The history for a command that lists it, also where neither its file nor its folder can be written. SQLite does not
// open such a file in its folder, because its log needs an index beside it; so a copy is read, which is removed
// afterwards.

import { LOG_SUFFIXES } from "./database.ts";
import { AppError, homeFault } from "./errors.ts";
import { History } from "./history.ts";
import { historyPath } from "./history_database.ts";
import type { Home } from "./home.ts";
import { checkWritable } from "./home_folder.ts";
import { kindOf } from "./set_aside.ts";
import { TransientHome } from "./transient_home.ts";

/** SQLite makes the index of the log anew. */
const COPIED_SUFFIXES = ["", LOG_SUFFIXES[0]];

/** An open history; disposing closes it and removes the copy. */
export class HistoryToRead implements AsyncDisposable {
  private constructor(readonly history: History, readonly transient: TransientHome | null) {}

  /** Opens the history of a home, or a copy of it. Throws `home_*`. */
  static async open(home: Home): Promise<HistoryToRead> {
    if (await whyReadOnly(home) === null) return new HistoryToRead(await History.open(home), null);
    const path = historyPath(home);
    const transient = await TransientHome.create(({ code, parameters }) => {
      // The notices of the copy's file are about the one that was copied. That one is never set aside.
      if (code === "history_newer") home.notify({ code, parameters: { path } });
      else if (code === "file_set_aside") home.notify({ code: "history_unavailable", parameters: { path } });
      else home.notify({ code, parameters } as Parameters<Home["notify"]>[0]);
    });
    try {
      await copyHistory(home, transient.home);
      return new HistoryToRead(await History.open(transient.home), transient);
    } catch (error) {
      await transient[Symbol.asyncDispose]();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.history[Symbol.dispose]();
    await this.transient?.[Symbol.asyncDispose]();
  }
}

/** Throws `home_read_only` or `home_full` if the file of the history or its folder cannot be written. */
export async function checkHistoryWritable(home: Home): Promise<void> {
  const cause = await whyReadOnly(home);
  if (cause === null) return;
  if (cause instanceof AppError && cause.code === "home_full") throw cause;
  const path = kindOf(historyPath(home)) === "nothing" ? home.path : historyPath(home);
  throw new AppError("home_read_only", { path }, { cause });
}

/**
 * The error of writing to the file or its folder; null if both can be written. The process has no open connection to
 * the file, whose locks would be released.
 */
async function whyReadOnly(home: Home): Promise<unknown> {
  const path = historyPath(home);
  try {
    if (kindOf(path) === "file") (await Deno.open(path, { write: true })).close();
    await checkWritable(home.path);
    return null;
  } catch (error) {
    return error;
  }
}

async function copyHistory(from: Home, to: Home): Promise<void> {
  for (const suffix of COPIED_SUFFIXES) {
    const path = historyPath(from) + suffix;
    try {
      if (kindOf(path) !== "file") continue;
      await Deno.writeFile(historyPath(to) + suffix, await Deno.readFile(path), { mode: 0o600 });
    } catch (error) {
      throw homeFault(error, path);
    }
  }
}
