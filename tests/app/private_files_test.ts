import { deepStrictEqual, rejects, strictEqual } from "node:assert";
import { join } from "node:path";
import { readJson, removePrivate, writePrivate } from "../../src/app/private_files.ts";
import { needing, NOT_UNIX } from "../left_out.ts";
import { othersRights, withHome } from "./temporary_home.ts";

const names = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name);

Deno.test("private files: are written whole, read back and removed", async () => {
  await withHome(async ({ path }) => {
    const file = join(path, "a.json");
    strictEqual(await readJson(file), null);
    await writePrivate(file, `"one"`);
    await writePrivate(file, `"two"`);
    strictEqual(await readJson(file), "two");
    deepStrictEqual(names(path), ["a.json"]);
    await removePrivate(file);
    await removePrivate(file);
    deepStrictEqual(names(path), []);
  });
});

Deno.test("private files: the rest of an interrupted write does not prevent the next one", async () => {
  await withHome(async ({ path }) => {
    const file = join(path, "a.json");
    await Deno.writeTextFile(`${file}.tmp`, "half");
    strictEqual(await readJson(file), null);
    await writePrivate(file, `"whole"`);
    strictEqual(await readJson(file), "whole");
    await Deno.writeTextFile(`${file}.tmp`, "half");
    await removePrivate(file);
    deepStrictEqual(names(path), []);
  });
});

Deno.test({
  ...needing("private files: only the user can read them, also those that others could read", NOT_UNIX),
  fn: async () => {
    await withHome(async ({ path }) => {
      const file = join(path, "a.json");
      await writePrivate(file, `"key"`);
      strictEqual(await othersRights(file), 0);
      await Deno.chmod(file, 0o644);
      strictEqual(await readJson(file), "key");
      strictEqual(await othersRights(file), 0);
    });
  },
});

Deno.test("private files: a fault names the path", async () => {
  await withHome(async ({ path }) => {
    await rejects(writePrivate(join(path, "no", "a.json"), ""), {
      parameters: { path: join(path, "no", "a.json") },
    });
  });
});
