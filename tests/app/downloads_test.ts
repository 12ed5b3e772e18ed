import { deepStrictEqual, notDeepStrictEqual, strictEqual } from "node:assert";
import { join } from "node:path";
import { beginDownload, type DownloadTarget } from "../../src/app/downloads.ts";
import type { Home } from "../../src/app/home.ts";
import { whileHeldElsewhere, withHome } from "./temporary_home.ts";

const OWN = new Uint8Array(32).fill(5);

async function withTarget(use: (home: Home, target: DownloadTarget) => Promise<void>) {
  await withHome((home, folder) => use(home, { ticket: "blobabc", folder }));
}

async function beginAndInterrupt(home: Home, target: DownloadTarget, key: Uint8Array | null = null) {
  using download = await beginDownload(home, target, key);
  await download.accepted();
  return download.secretKey;
}

async function keyOf(home: Home, target: DownloadTarget) {
  using download = await beginDownload(home, target, null);
  return download.secretKey;
}

async function records(home: Home) {
  const folder = await home.folder("downloads");
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) =>
    name.endsWith(".json")
  );
  return names.map((name) => JSON.parse(Deno.readTextFileSync(join(folder, name))));
}

Deno.test("downloads: an interrupted one goes on with its key", async () => {
  await withTarget(async (home, target) => {
    const key = await beginAndInterrupt(home, target);
    deepStrictEqual(await keyOf(home, target), key);
    notDeepStrictEqual(await keyOf(home, { ...target, ticket: "blobdef" }), key);
    deepStrictEqual(await keyOf(home, { ...target, folder: "/elsewhere" }), key, "a claim follows the key");
    deepStrictEqual(await keyOf(home, { ...target, folder: null }), key);
  });
});

Deno.test("downloads: a finished one, and one that was not accepted, leave nothing", async () => {
  await withTarget(async (home, target) => {
    await keyOf(home, target);
    {
      using download = await beginDownload(home, target, null);
      await download.accepted();
      strictEqual((await records(home)).length, 1);
      await download.finished();
    }
    deepStrictEqual(await records(home), []);
  });
});

Deno.test("downloads: a record has the ticket, the folder and when it began", async () => {
  await withTarget(async (home, target) => {
    const key = await beginAndInterrupt(home, target);
    const [first] = await records(home);
    deepStrictEqual([first.version, first.ticket, first.secretKey], [1, target.ticket, key.toHex()]);
    strictEqual(first.folder, target.folder);
    await beginAndInterrupt(home, target);
    strictEqual((await records(home))[0].startedAtMs, first.startedAtMs);
  });
});

Deno.test("downloads: a key of the user's own is used and never written", async () => {
  await withTarget(async (home, target) => {
    deepStrictEqual(await beginAndInterrupt(home, target, OWN), OWN);
    strictEqual((await records(home))[0].secretKey, null);
    notDeepStrictEqual(await keyOf(home, target), OWN);
  });
});

Deno.test("downloads: a second process with the same ticket has a key of its own, and no record", async () => {
  await withTarget(async (home, target) => {
    const key = await beginAndInterrupt(home, target);
    await whileHeldElsewhere(["download", home.path, target.ticket, "/elsewhere"], async () => {
      using second = await beginDownload(home, target, null);
      notDeepStrictEqual(second.secretKey, key);
      await second.accepted();
      await second.finished();
    });
    deepStrictEqual(await keyOf(home, target), key);
  });
});
