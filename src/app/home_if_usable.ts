// The home of commands that work without one: if pli's folder cannot be used, a transfer runs without persistent
// state, and one notice gives the reason. An unsafe folder is never used.

import { AppError } from "./errors.ts";
import { type Environment, Home } from "./home.ts";
import { checkWritable } from "./home_folder.ts";
import type { NoticeOf, OnNotice } from "./notices.ts";

/**
 * Opens pli's folder and the named folders in it, all of which must be writable. Resolves to null, with a notice, if
 * that fails.
 */
export async function homeIfUsable(
  environment: Environment,
  notify: OnNotice,
  folders: readonly string[] = [],
): Promise<Home | null> {
  try {
    const home = await Home.open(environment, notify);
    await checkWritable(home.path);
    for (const name of folders) await checkWritable(await home.folder(name));
    return home;
  } catch (error) {
    notify(nothingRemembered(error));
    return null;
  }
}

/** The notice for an error of pli's folder (`home_*`), for a transfer that continues. Throws every other error. */
export function nothingRemembered(error: unknown): NoticeOf<"nothing_remembered"> {
  if (!(error instanceof AppError)) throw error;
  const path = "path" in error.parameters ? error.parameters.path : null;
  return {
    code: "nothing_remembered",
    parameters: { reason: error.code, ...(path !== null && { path }) },
  };
}

/** Passes notices on; `nothing_remembered` only once. */
export function reportedOnce(notify: OnNotice): OnNotice {
  let isReported = false;
  return (notice) => {
    if (notice.code === "nothing_remembered") {
      if (isReported) return;
      isReported = true;
    }
    notify(notice);
  };
}
