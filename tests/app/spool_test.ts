import { deepStrictEqual, rejects, strictEqual } from "node:assert";
import { dirname } from "node:path";
import { Home } from "../../src/app/home.ts";
import { Spool } from "../../src/app/spool.ts";
import { needing, NOT_UNIX } from "../left_out.ts";
import { othersRights, whileHeldElsewhere, withHome } from "./temporary_home.ts";

async function spooled(home: Home) {
  const folder = await home.folder("spool");
  return [...Deno.readDirSync(folder)].filter(({ isDirectory }) => isDirectory).length;
}

Deno.test("spool: has the input under its name until it is disposed", async () => {
  await withHome(async (home) => {
    {
      await using spool = await Spool.create(home, "a b.txt");
      await spool.fill(ReadableStream.from([Uint8Array.of(1, 2), Uint8Array.of(3)]));
      deepStrictEqual(await Deno.readFile(spool.path), Uint8Array.of(1, 2, 3));
      if (Deno.build.os !== "windows") {
        strictEqual(await othersRights(spool.path), 0);
        strictEqual(await othersRights(dirname(spool.path)), 0);
      }
    }
    deepStrictEqual([...Deno.readDirSync(await home.folder("spool"))], []);
  });
});

Deno.test("spool: empty input is an empty file", async () => {
  await withHome(async (home) => {
    await using spool = await Spool.create(home, "empty");
    await spool.fill(ReadableStream.from([]));
    strictEqual((await Deno.stat(spool.path)).size, 0);
  });
});

Deno.test("spool: endless input is abandoned when it is cancelled", async () => {
  await withHome(async (home) => {
    await using spool = await Spool.create(home, "endless");
    const controller = new AbortController();
    const endless = new ReadableStream({
      // The cancel awaits it.
      pull: () => {
        controller.abort();
        return new Promise<void>(() => {});
      },
    }, { highWaterMark: 0 });
    await rejects(spool.fill(endless, controller.signal), { code: "cancelled" });
  });
});

Deno.test("spool: that of a process that has ended is removed when the home is opened, that of a running one is kept", async () => {
  await withHome(async (home) => {
    await whileHeldElsewhere(["spool", home.path, "theirs"], async () => {
      strictEqual(await spooled(home), 1);
      await using _spool = await Spool.create(home, "ours");
      strictEqual(await spooled(home), 2);
    });
    strictEqual(await spooled(home), 1);
    await Home.open((name) => name === "PLI_HOME" ? home.path : undefined);
    deepStrictEqual([...Deno.readDirSync(await home.folder("spool"))], []);
  });
});

Deno.test({
  ...needing("E.14 spool: that of a process that SIGTERM ends is removed", NOT_UNIX),
  fn: () =>
    withHome(async (home) => {
      const args = ["spool", home.path, "theirs"];
      await whileHeldElsewhere(args, async () => strictEqual(await spooled(home), 1), "SIGTERM");
      deepStrictEqual([...Deno.readDirSync(await home.folder("spool"))], []);
    }),
});

Deno.test("spool: a name that the disk refuses is an error of the home", async () => {
  await withHome(async (home) => {
    await using spool = await Spool.create(home, "x".repeat(300));
    await rejects(spool.fill(ReadableStream.from([])), { code: "home_unusable" });
  });
});
