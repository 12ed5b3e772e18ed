// Opens a database with the migrations that it is given, in a separate thread; for migrations_test.ts.

import { DatabaseSync } from "node:sqlite";
import { openDatabase } from "../../src/app/database.ts";
import { HISTORY_OPTIONS } from "../../src/app/history_database.ts";

const port = self as unknown as {
  onmessage: (event: MessageEvent<{ path: string; migrations: string[][] }>) => void;
  postMessage: (answer: string) => void;
};

port.onmessage = ({ data: { path, migrations } }) => {
  try {
    openDatabase(path, { ...HISTORY_OPTIONS, migrations }, (path) => new DatabaseSync(path)).close();
    port.postMessage("opened");
  } catch (error) {
    port.postMessage(String(error));
  }
};
