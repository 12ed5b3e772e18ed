// The history that is stored for each version of its schema, as tests/vectors/history-vN.db. After a migration was
// added, `deno run -A tests/app/stored_history.ts` writes the file of the new version. It overwrites no file.

import { fileURLToPath } from "node:url";
import { constants, copyFile } from "node:fs/promises";
import { History, type NewEntry, type NumberedEntry } from "../../src/app/history.ts";
import { HISTORY_OPTIONS, historyPath } from "../../src/app/history_database.ts";
import { withHome } from "./temporary_home.ts";

const ENDED_AT = 1_764_374_400_000;
const ADDED: readonly NewEntry[] = [
  {
    kind: "sent",
    title: "holiday",
    files: 214,
    bytes: 3_221_225_472,
    missing: 0,
    notChosen: 0,
    endedAt: ENDED_AT,
    paths: ["/home/ada/holiday"],
  },
  {
    kind: "received",
    title: "Überblick – 概要.pdf",
    files: 1,
    bytes: 48_213,
    missing: 0,
    notChosen: 0,
    endedAt: ENDED_AT + 60_000,
    paths: ["/home/ada/Downloads/Überblick – 概要.pdf"],
  },
  {
    kind: "sent",
    title: "removed",
    files: 1,
    bytes: 1,
    missing: 0,
    notChosen: 0,
    endedAt: ENDED_AT + 90_000,
    paths: ["/srv/removed"],
  },
  {
    kind: "received",
    title: null,
    files: 3,
    bytes: 0,
    missing: 0,
    notChosen: 0,
    endedAt: ENDED_AT + 120_000,
    paths: ["/srv/a", "/srv/b", "/srv/c"],
  },
  {
    kind: "received",
    title: "-",
    files: 1,
    bytes: Number.MAX_SAFE_INTEGER,
    missing: 0,
    notChosen: 0,
    endedAt: ENDED_AT + 180_000,
    paths: [],
  },
];
const REMOVED_ID = 3;

/** The entries of every stored history, the latest first. */
export const STORED: readonly NumberedEntry[] = ADDED
  .map((entry, index) => ({ ...entry, id: index + 1 }))
  .filter(({ id }) => id !== REMOVED_ID)
  .reverse();

/** The file with the history of a version. */
export function storedHistory(version: number): string {
  return fileURLToPath(new URL(`../vectors/history-v${version}.db`, import.meta.url));
}

if (import.meta.main) {
  await withHome(async (home) => {
    const history = await History.open(home);
    for (const entry of ADDED) history.add(entry);
    history.remove(REMOVED_ID);
    history[Symbol.dispose]();
    const stored = storedHistory(HISTORY_OPTIONS.migrations.length);
    await copyFile(historyPath(home), stored, constants.COPYFILE_EXCL);
  });
}
