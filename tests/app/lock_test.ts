import { deepStrictEqual, notStrictEqual, strictEqual } from "node:assert";
import { join } from "node:path";
import { Lock } from "../../src/app/lock.ts";
import { whileHeldElsewhere, withHome } from "./temporary_home.ts";

Deno.test("lock: is held once, and leaves no file when it is released", async () => {
  await withHome(async ({ path }) => {
    const file = join(path, "a.lock");
    {
      using first = await Lock.tryTake(file);
      notStrictEqual(first, null);
      strictEqual(await Lock.tryTake(file), null);
    }
    deepStrictEqual([...Deno.readDirSync(path)], []);
    using again = await Lock.tryTake(file);
    notStrictEqual(again, null);
  });
});

Deno.test("lock: another process holds it until it ends", async () => {
  await withHome(async ({ path }) => {
    const file = join(path, "a.lock");
    await whileHeldElsewhere(["lock", path, file], async () => strictEqual(await Lock.tryTake(file), null));
    using lock = await Lock.tryTake(file);
    notStrictEqual(lock, null);
  });
});

Deno.test("lock: of many concurrent attempts, repeatedly, one holds it at a time", async () => {
  await withHome(async ({ path }) => {
    const file = join(path, "a.lock");
    let holders = 0;
    let taken = 0;
    const tryOften = async () => {
      for (let round = 0; round < 50; round++) {
        using lock = await Lock.tryTake(file);
        if (lock === null) continue;
        taken++;
        strictEqual(++holders, 1);
        await new Promise((resolve) => setTimeout(resolve, 0));
        holders--;
      }
    };
    await Promise.all([tryOften(), tryOften(), tryOften()]);
    notStrictEqual(taken, 0);
  });
});
