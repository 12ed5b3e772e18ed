// The permissions of pli's folder and of those above it: which of them are changed, used unchanged, or refused.

import { deepStrictEqual, rejects, strictEqual } from "node:assert";
import { dirname, join } from "node:path";
import { readJson } from "../../src/app/private_files.ts";
import { ProcessFolder } from "../../src/app/process_folder.ts";
import { Home } from "../../src/app/home.ts";
import { needing, NOT_ROOT, NOT_UNIX } from "../left_out.ts";

const OTHER_USER_ID = 54_321;

const open = (path: string) => Home.open((name) => name === "PLI_HOME" ? path : undefined);
const modeOf = async (path: string) => (await Deno.stat(path)).mode! & 0o7777;

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  try {
    await use(folder);
  } finally {
    await Deno.chmod(folder, 0o700);
    await Deno.remove(folder, { recursive: true });
  }
}

interface Case {
  name: string;
  mode: number;
  holds: readonly string[];
  /** The mode afterwards, or the reason for refusing it. */
  becomes: number | "home_shared";
}

const CASES: readonly Case[] = [
  { name: "one that no other user can enter", mode: 0o700, holds: ["letter.txt"], becomes: 0o700 },
  { name: "an empty one", mode: 0o755, holds: [], becomes: 0o700 },
  { name: "an empty one that the group can write in", mode: 0o775, holds: [], becomes: 0o700 },
  {
    name: "pli's own, opened",
    mode: 0o755,
    holds: ["history.db", "history.db-wal", "shares"],
    becomes: 0o700,
  },
  { name: "pli's own, wide open", mode: 0o777, holds: ["settings.json", "page.lock"], becomes: 0o700 },
  { name: "one with other things", mode: 0o755, holds: ["letter.txt"], becomes: 0o755 },
  { name: "one with pli's and other things", mode: 0o755, holds: ["letter.txt", "shares"], becomes: 0o755 },
  { name: "a shared one with other things", mode: 0o777, holds: ["letter.txt"], becomes: "home_shared" },
  { name: "a group's with other things", mode: 0o775, holds: ["letter.txt"], becomes: "home_shared" },
  { name: "one like /tmp", mode: 0o1777, holds: ["letter.txt"], becomes: "home_shared" },
  { name: "an empty one like /tmp", mode: 0o1777, holds: [], becomes: "home_shared" },
  { name: "an empty one of a group", mode: 0o2775, holds: [], becomes: "home_shared" },
];

for (const { name, mode, holds, becomes } of CASES) {
  Deno.test({
    ...needing(
      `E.24 home: ${name} (${mode.toString(8)}) ${becomes === "home_shared" ? "is refused" : "is used"}`,
      NOT_UNIX,
    ),
    fn: () =>
      withFolder(async (folder) => {
        const path = join(folder, "home");
        await Deno.mkdir(path);
        for (const one of holds) await Deno.writeTextFile(join(path, one), "");
        await Deno.chmod(path, mode);
        if (becomes === "home_shared") {
          await rejects(open(path), { code: "home_shared", parameters: { path } });
          strictEqual(await modeOf(path), mode, "its rights stay");
        } else {
          await open(path);
          strictEqual(await modeOf(path), becomes);
        }
        deepStrictEqual([...Deno.readDirSync(path)].map(({ name }) => name).sort(), [...holds].sort());
      }),
  });
}

Deno.test({
  ...needing(
    "E.24 home: a folder in which all users can rename is refused as its parent, a sticky one is not",
    NOT_UNIX,
  ),
  fn: () =>
    withFolder(async (folder) => {
      const path = join(folder, "shared", "deep", "home");
      await Deno.mkdir(dirname(path), { recursive: true });
      const shared = join(folder, "shared");
      await Deno.chmod(shared, 0o777);
      await rejects(open(path), { code: "home_shared", parameters: { path: shared } });
      await Deno.chmod(shared, 0o1777);
      await open(path);
      // On many systems each user has a group, which can write.
      await Deno.chmod(shared, 0o775);
      await open(path);
      deepStrictEqual([await modeOf(shared), await modeOf(path)], [0o775, 0o700]);
    }),
});

Deno.test({
  ...needing("E.24 home: a link of the user is followed, and its target is checked", NOT_UNIX),
  fn: () =>
    withFolder(async (folder) => {
      const [link, real] = [join(folder, "link"), join(folder, "real")];
      await Deno.mkdir(real, { mode: 0o700 });
      await Deno.symlink(real, link);
      const home = await open(link);
      await home.folder("shares");
      strictEqual((await Deno.stat(join(real, "shares"))).isDirectory, true);
      await Deno.writeTextFile(join(real, "letter.txt"), "");
      await Deno.chmod(real, 0o777);
      await rejects(open(link), { code: "home_shared" });
      strictEqual(await modeOf(real), 0o777);
    }),
});

Deno.test({
  ...needing("E.24 home: the target of a link in it keeps its permissions", NOT_UNIX),
  fn: () =>
    withFolder(async (folder) => {
      const home = await open(join(folder, "home"));
      const [file, other] = [join(folder, "settings.json"), join(folder, "elsewhere")];
      await Deno.writeTextFile(file, `{"name":"x"}`);
      await Deno.mkdir(other);
      for (const one of [file, other]) await Deno.chmod(one, 0o755);
      await Deno.symlink(file, join(home.path, "settings.json"));
      await Deno.symlink(other, join(home.path, "spool"));
      deepStrictEqual(await readJson(join(home.path, "settings.json")), { name: "x" });
      await home.folder("spool");
      deepStrictEqual([await modeOf(file), await modeOf(other)], [0o755, 0o755]);
    }),
});

Deno.test("E.24 home: leftovers are removed, and nothing else, also where a folder is a link", () =>
  withFolder(async (folder) => {
    const home = await open(join(folder, "home"));
    const uploads = await home.folder("uploads");
    const left = crypto.randomUUID();
    for (const name of [left, "letters", "letters.lock", `${left} copy`]) {
      await Deno.mkdir(join(uploads, name));
      await Deno.writeTextFile(join(uploads, name, "letter.txt"), "");
    }
    await ProcessFolder.removeLeftovers(uploads, Date.now());
    deepStrictEqual(
      [...Deno.readDirSync(uploads)].map(({ name }) => name).sort(),
      [
        `${left} copy`,
        "letters",
        "letters.lock",
      ].sort(),
    );
  }));

Deno.test({
  ...needing("E.24 home: another user's folder is refused, and so is another user's link", NOT_ROOT),
  fn: () =>
    withFolder(async (folder) => {
      const foreign = join(folder, "foreign");
      await Deno.mkdir(foreign, { mode: 0o700 });
      await Deno.chown(foreign, OTHER_USER_ID, OTHER_USER_ID);
      await rejects(open(foreign), { code: "home_foreign", parameters: { path: foreign } });
      strictEqual(await modeOf(foreign), 0o700);
      const [own, link] = [join(folder, "own"), join(folder, "link")];
      await Deno.mkdir(own, { mode: 0o700 });
      await Deno.symlink(own, link);
      await new Deno.Command("chown", { args: ["-h", `${OTHER_USER_ID}`, link] }).output();
      await rejects(open(link), { code: "home_foreign", parameters: { path: link } });
      const home = await open(own);
      await Deno.mkdir(join(own, "downloads"));
      await Deno.chown(join(own, "downloads"), OTHER_USER_ID, OTHER_USER_ID);
      await rejects(home.folder("downloads"), { code: "home_foreign" });
    }),
});
