import { deepStrictEqual, rejects, strictEqual } from "node:assert";
import { join } from "node:path";
import { Home } from "../../src/app/home.ts";
import { changePrivate, readJson, removePrivate, writePrivate } from "../../src/app/private_files.ts";
import { pruneRecords } from "../../src/app/records.ts";
import { systemClock } from "../../src/engine/clock.ts";
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

Deno.test("private files: the rest of an interrupted write prevents no other one, and is removed later", async () => {
  await withHome(async ({ path }, folder) => {
    const file = join(path, "a.json");
    for (const rest of ["a.json.tmp", "a.json.tmp-0123abcd"]) {
      await Deno.writeTextFile(join(path, rest), "half");
    }
    await Deno.mkdir(join(path, "downloads"), { mode: 0o700 });
    await Deno.writeTextFile(join(path, "downloads", "b.json.tmp-0123abcd"), "half");
    strictEqual(await readJson(file), null);
    await writePrivate(file, `"whole"`);
    strictEqual(await readJson(file), "whole");
    const homeAt = async (addedMs: number) => {
      const clock = { ...systemClock, epochMs: () => Date.now() + addedMs };
      const home = await Home.open(
        (name) => name === "PLI_HOME" ? join(folder, "home") : undefined,
        () => {},
        clock,
      );
      await pruneRecords(home, "downloads", Infinity);
    };
    // Another process may be writing it.
    await homeAt(0);
    strictEqual(names(path).length, 4);
    strictEqual(names(join(path, "downloads")).length, 1);
    await homeAt(2 * 60 * 60 * 1000);
    deepStrictEqual(names(path).sort(), ["a.json", "downloads"]);
    deepStrictEqual(names(join(path, "downloads")), []);
  });
});

Deno.test("private files: writes at once run in their order, and those of several processes all succeed", async () => {
  await withHome(async ({ path }) => {
    const file = join(path, "a.json");
    // Another instance of the module is as another process: it knows nothing of the first one's writes.
    const other: typeof import("../../src/app/private_files.ts") = await import(
      `../../src/app/private_files.ts?${crypto.randomUUID()}`
    );
    const numbers = Array.from({ length: 50 }, (_, number) => number);
    await Promise.all(numbers.flatMap((number) => [
      writePrivate(file, String(number)),
      other.writePrivate(file, String(number)),
    ]));
    strictEqual(await readJson(file), 49);
    await Promise.all(numbers.map(() => changePrivate(file, (value) => String(Number(value) + 1))));
    strictEqual(await readJson(file), 99);
    const [, removed] = await Promise.all([
      writePrivate(file, "1"),
      removePrivate(file),
      writePrivate(file, "2"),
    ]);
    strictEqual(removed, undefined);
    strictEqual(await readJson(file), 2);
    deepStrictEqual(names(path), ["a.json"]);
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
