// Writes in a folder, for durable_writes_test.ts: a private file, which is removed again, or an entry of a history. A
// folder that is made marks a place in the list of calls.

import { join } from "node:path";
import { History } from "../../src/app/history.ts";
import { Home } from "../../src/app/home.ts";
import { removePrivate, writePrivate } from "../../src/app/private_files.ts";

const [what, folder] = Deno.args;

const mark = (name: string) => Deno.mkdirSync(join(folder, name));

if (what === "file") {
  const path = join(folder, "a.json");
  await writePrivate(path, "{}");
  mark("written");
  await removePrivate(path);
} else {
  const home = await Home.open((name) => name === "PLI_HOME" ? join(folder, "home") : undefined);
  using history = await History.open(home);
  mark("opened");
  history.add({
    kind: "sent",
    title: "t",
    files: 1,
    bytes: 1,
    missing: 0,
    notChosen: 0,
    endedAt: 1_700_000_000_000,
    paths: ["/a"],
  });
  mark("added");
}
