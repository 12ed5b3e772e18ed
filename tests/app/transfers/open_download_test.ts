import { deepStrictEqual, notDeepStrictEqual, ok, strictEqual } from "node:assert";
import { join } from "node:path";
import { DownloadTransfer } from "../../../src/app/transfers/download_transfer.ts";
import { type DownloadTarget, openDownload } from "../../../src/app/transfers/open_download.ts";
import { listDownloads, type UnfinishedDownload } from "../../../src/app/transfers/unfinished_downloads.ts";
import type { Home } from "../../../src/app/home.ts";
import { formatTicket, type Offer, systemClock, type Ticket } from "../../../src/engine/mod.ts";
import { whileHeldElsewhere, withHome } from "../temporary_home.ts";

const OWN = new Uint8Array(32).fill(5);
const MIB = 1024 * 1024;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const [TICKET, OTHER_TICKET] = [9, 8].map((byte): Ticket => ({
  endpointId: new Uint8Array(32).fill(7),
  relayUrl: null,
  addresses: ["127.0.0.1:9"],
  format: "hash_sequence",
  hash: new Uint8Array(32).fill(byte),
}));
const STAGING = `.pli-${"09".repeat(8)}-${"5a".repeat(16)}`;
const OFFER: Offer = {
  files: [{ name: "holiday/a.jpg", bytes: 1_000 }, { name: "holiday/b.jpg", bytes: 2_000 }],
  bytes: 3_000,
  folders: 1,
  tops: 1,
  hiddenFiles: 0,
  consents: [],
};

async function withTarget(use: (home: Home, target: DownloadTarget) => Promise<void>) {
  await withHome((home, folder) => use(home, { ticket: TICKET, folder, existing: "merge", only: [] }));
}

/** Starts a download that is accepted, receives some bytes, and is interrupted. */
async function beginAndInterrupt(
  home: Home,
  target: DownloadTarget,
  { key = null, offer = OFFER }: { key?: Uint8Array | null; offer?: Offer } = {},
) {
  using download = await openDownload(home, target, key);
  await download.accepted(offer);
  if (target.folder !== null) await Deno.mkdir(join(target.folder, STAGING), { recursive: true });
  download.begun(() => 1_500);
  download.follow({ type: "progress", bytes: 1_600, total: 3_000, files: 0 });
  await download.interrupted(null);
  return download.secretKey;
}

async function keyOf(home: Home, target: DownloadTarget) {
  using download = await openDownload(home, target, null);
  return download.secretKey;
}

async function recordPaths(home: Home) {
  const folder = await home.folder("downloads");
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
  return names.filter((name) => name.endsWith(".json")).map((name) => join(folder, name));
}

async function records(home: Home) {
  return (await recordPaths(home)).map((path) => JSON.parse(Deno.readTextFileSync(path)));
}

async function makeOld(home: Home, ageMs: number) {
  const then = new Date(Date.now() - ageMs);
  for (const path of await recordPaths(home)) await Deno.utime(path, then, then);
}

Deno.test("downloads: an interrupted one is resumed with its key", async () => {
  await withTarget(async (home, target) => {
    const key = await beginAndInterrupt(home, target);
    deepStrictEqual(await keyOf(home, target), key);
    notDeepStrictEqual(await keyOf(home, { ...target, ticket: OTHER_TICKET }), key);
    deepStrictEqual(await keyOf(home, { ...target, folder: "/elsewhere" }), key, "a claim follows the key");
    deepStrictEqual(await keyOf(home, { ...target, folder: null }), key);
  });
});

Deno.test("downloads: a finished one, and one that was not accepted, leave no record", async () => {
  await withTarget(async (home, target) => {
    await keyOf(home, target);
    {
      using download = await openDownload(home, target, null);
      await download.accepted(OFFER);
      strictEqual((await records(home)).length, 1);
      await download.finished();
    }
    deepStrictEqual(await records(home), []);
  });
});

Deno.test("downloads: the list has what a user identifies a download by, and what resuming it needs", async () => {
  await withTarget(async (home, target) => {
    const chosen: DownloadTarget = { ...target, existing: "skip", only: ["*.jpg"] };
    await beginAndInterrupt(home, chosen);
    const [{ startedAtMs, updatedAtMs, ...first }] = await listDownloads(home);
    deepStrictEqual(first, {
      ...chosen,
      folder: target.folder!,
      title: "holiday",
      otherNames: 0,
      files: 2,
      bytes: 3_000,
      receivedBytes: 1_500,
      isExact: true,
      isRunning: false,
      lostFiles: 0,
      lostNames: [],
    });
    ok(startedAtMs <= updatedAtMs && updatedAtMs <= Date.now());
    await beginAndInterrupt(home, target);
    strictEqual((await listDownloads(home))[0].startedAtMs, startedAtMs);
  });
});

Deno.test("downloads: several names at the top are shown as the first", async () => {
  await withTarget(async (home, target) => {
    const files = ["a.txt", "b/c", "b/d", "e"].map((name) => ({ name, bytes: 1 }));
    await beginAndInterrupt(home, target, { offer: { ...OFFER, files, bytes: 4, tops: 3 } });
    const [{ title, otherNames }] = await listDownloads(home);
    deepStrictEqual([title, otherNames], ["a.txt", 2]);
  });
});

Deno.test("downloads: the last amount that a killed process stored is shown as a minimum", async () => {
  await withTarget(async (home, target) => {
    await beginAndInterrupt(home, target);
    using download = await openDownload(home, target, null);
    await download.accepted(OFFER);
    download.begun(() => 2_000);
    download.follow({ type: "progress", bytes: 2_000, total: 3_000, files: 0 });
    // As if the process had ended here: so far only the amount at the time of consent was written.
    const [{ places: [place] }] = await records(home);
    deepStrictEqual([place.receivedBytes, place.isExact], [1_500, false]);
  });
});

Deno.test("D.30 downloads: a record that could not be updated is completed by what its folder has", async () => {
  await withTarget(async (home, target) => {
    using download = await openDownload(home, target, null);
    await download.accepted({ ...OFFER, bytes: 3 * MIB });
    const files = join(target.folder!, STAGING, "files", "holiday");
    await Deno.mkdir(files, { recursive: true });
    // One whole block, and a part of another one; the hole is not counted.
    using file = await Deno.open(join(files, "a.jpg"), { write: true, createNew: true });
    await file.write(new Uint8Array(MIB + 8192).fill(1));
    await file.truncate(3 * MIB);
    const [{ receivedBytes, isExact }] = await listDownloads(home);
    // The blocks that a file occupies are not known on every system.
    ok(receivedBytes === MIB || (Deno.build.os === "windows" && receivedBytes === 0), String(receivedBytes));
    strictEqual(isExact, false);
  });
});

Deno.test("D.30 downloads: consent to a lack of room is not remembered, and does not change that to the content", async () => {
  await withTarget(async (home, target) => {
    const room = { reason: "space_short", name: "/dst", neededBytes: 2, freeBytes: 1 } as const;
    await beginAndInterrupt(home, target, { offer: { ...OFFER, consents: [room] } });
    using download = await openDownload(home, target, null);
    ok(await download.hasConsent(OFFER));
  });
});

Deno.test("downloads: one ticket in two folders is two downloads with one key", async () => {
  await withTarget(async (home, target) => {
    const elsewhere = { ...target, folder: join(target.folder!, "else") };
    const key = await beginAndInterrupt(home, target);
    deepStrictEqual(await beginAndInterrupt(home, elsewhere), key);
    const folders = (downloads: UnfinishedDownload[]) => downloads.map(({ folder }) => folder);
    deepStrictEqual(folders(await listDownloads(home)), [target.folder, elsewhere.folder]);
    {
      using download = await openDownload(home, elsewhere, null);
      await download.finished();
    }
    deepStrictEqual(folders(await listDownloads(home)), [target.folder]);
    deepStrictEqual(await keyOf(home, target), key);
  });
});

Deno.test("downloads: one to standard output cannot be resumed, but has a key", async () => {
  await withTarget(async (home, target) => {
    const key = await beginAndInterrupt(home, { ...target, folder: null });
    deepStrictEqual(await listDownloads(home), []);
    deepStrictEqual(await keyOf(home, target), key);
  });
});

Deno.test("downloads: one whose folder is gone is not listed, and its record is removed when its claim has lapsed", async () => {
  await withTarget(async (home, target) => {
    const key = await beginAndInterrupt(home, target);
    await Deno.remove(join(target.folder!, STAGING));
    deepStrictEqual(await listDownloads(home), []);
    deepStrictEqual(await keyOf(home, target), key, "the sender may keep the claim still");
    await makeOld(home, 11 * MINUTE_MS);
    deepStrictEqual(await listDownloads(home), []);
    deepStrictEqual(await records(home), []);

    const folder = join(target.folder!, "gone");
    await beginAndInterrupt(home, { ...target, folder });
    await beginAndInterrupt(home, target);
    await Deno.remove(join(folder, STAGING));
    strictEqual((await listDownloads(home)).length, 1);
    deepStrictEqual((await records(home))[0].places.length, 1, "the other folder's is kept");
  });
});

Deno.test("downloads: one on an unmounted volume is listed again when the volume is mounted", async () => {
  await withTarget(async (home, target) => {
    const folder = join(target.folder!, "volume", "folder");
    await beginAndInterrupt(home, { ...target, folder });
    await Deno.rename(join(target.folder!, "volume"), join(target.folder!, "unmounted"));
    await makeOld(home, DAY_MS);
    deepStrictEqual(await listDownloads(home), []);
    await Deno.rename(join(target.folder!, "unmounted"), join(target.folder!, "volume"));
    deepStrictEqual((await listDownloads(home)).map((each) => each.folder), [folder]);
  });
});

Deno.test("downloads: those that were not resumed for 90 days are deleted", async () => {
  await withTarget(async (home, target) => {
    await beginAndInterrupt(home, target);
    await makeOld(home, 89 * DAY_MS);
    strictEqual((await listDownloads(home)).length, 1);
    await makeOld(home, 91 * DAY_MS);
    deepStrictEqual(await listDownloads(home), []);
    deepStrictEqual(await records(home), []);
  });
});

Deno.test("downloads: their times, and the end of a claim, are by the clock of the home", async () => {
  let epochMs = Date.now();
  await withHome(async (home, folder) => {
    const target: DownloadTarget = { ticket: TICKET, folder, existing: "merge", only: [] };
    epochMs -= 1_000;
    const startMs = epochMs;
    await beginAndInterrupt(home, target);
    epochMs += 500;
    await beginAndInterrupt(home, target);
    const [{ startedAtMs, updatedAtMs }] = await listDownloads(home);
    deepStrictEqual([startedAtMs, updatedAtMs], [startMs, startMs + 500]);
    await Deno.remove(join(folder, STAGING));
    epochMs += 9 * MINUTE_MS;
    await listDownloads(home);
    strictEqual((await records(home)).length, 1);
    epochMs += 2 * MINUTE_MS;
    await listDownloads(home);
    deepStrictEqual(await records(home), []);
    const context = {
      engine: () => Promise.reject(new Error("no engine")),
      openRecord: () => openDownload(home, target, null),
      network: () => ({ relay: "disabled" as const }),
      notify: () => {},
      record: () => {},
      clock: home.clock,
    };
    const request = { target, isRecordRequired: true, decide: () => Promise.resolve(true) };
    strictEqual(new DownloadTransfer(request, context).view.startedAt, epochMs);
  }, { ...systemClock, epochMs: () => epochMs });
});

Deno.test("downloads: consent covers what was shown, and no more", async () => {
  await withTarget(async (home, target) => {
    const offer: Offer = { ...OFFER, consents: [{ name: ".a", reason: "dot_file", places: 1, files: 1 }] };
    await beginAndInterrupt(home, target, { offer });
    using download = await openDownload(home, target, null);
    ok(await download.hasConsent(offer));
    const more: Offer = { ...offer, consents: [...offer.consents, { name: "b", reason: "overwrite" }] };
    ok(!await download.hasConsent(more));
  });
});

Deno.test("downloads: a key given by the user is used and never written", async () => {
  await withTarget(async (home, target) => {
    deepStrictEqual(await beginAndInterrupt(home, target, { key: OWN }), OWN);
    strictEqual((await records(home))[0].secretKey, null);
    notDeepStrictEqual(await keyOf(home, target), OWN);
  });
});

Deno.test("downloads: a record of a version that did not count names has them in its title", async () => {
  await withTarget(async (home, target) => {
    await beginAndInterrupt(home, target);
    const [path] = await recordPaths(home);
    const [{ places: [{ otherNames: _, ...place }], ...record }] = await records(home);
    const places = [{ ...place, title: "a and 2 more" }];
    await Deno.writeTextFile(path, JSON.stringify({ ...record, places }));
    const [{ title, otherNames }] = await listDownloads(home);
    deepStrictEqual([title, otherNames], ["a and 2 more", 0]);
  });
});

Deno.test("downloads: the key in a record of the first version is found", async () => {
  await withTarget(async (home, target) => {
    await beginAndInterrupt(home, target);
    const [path] = await recordPaths(home);
    const old = {
      version: 1,
      ticket: formatTicket(TICKET),
      folder: target.folder,
      secretKey: OWN.toHex(),
      startedAtMs: 1,
    };
    await Deno.writeTextFile(path, JSON.stringify(old));
    deepStrictEqual(await keyOf(home, target), OWN);
    deepStrictEqual(await listDownloads(home), []);
    deepStrictEqual(await keyOf(home, target), OWN);
  });
});

Deno.test("downloads: invalid fields of a changed record are ignored", async () => {
  await withTarget(async (home, target) => {
    const key = await beginAndInterrupt(home, target);
    const [path] = await recordPaths(home);
    const [good] = await records(home);
    const [place] = good.places;
    const broken = [
      { folder: "here" },
      { bytes: "3" },
      { existing: "replace" },
      { only: [1] },
      { title: null },
      { name: "a/b" },
      { lostNames: [1] },
      { lostNames: "a" },
      ...["files", "bytes", "receivedBytes", "otherNames", "lostFiles", "startedAtMs", "updatedAtMs"].flatMap(
        (field) => [-1, 0.5, null, 2 ** 53].map((value) => ({ [field]: value })),
      ),
      ...["startedAtMs", "updatedAtMs"].map((field) => ({ [field]: 8.64e15 + 1 })),
    ];
    for (const fields of broken) {
      const record = { ...good, places: [null, { ...place, ...fields }] };
      await Deno.writeTextFile(path, JSON.stringify(record));
      deepStrictEqual(await listDownloads(home), []);
      deepStrictEqual(await keyOf(home, target), key);
    }
    for (const text of ["", "{", "null", JSON.stringify({ ...good, version: 3 })]) {
      await Deno.writeTextFile(path, text);
      deepStrictEqual(await listDownloads(home), []);
      notDeepStrictEqual(await keyOf(home, target), key);
    }
  });
});

Deno.test("downloads: a second process with the same ticket has a separate key, and no record", async () => {
  await withTarget(async (home, target) => {
    const key = await beginAndInterrupt(home, target);
    await whileHeldElsewhere(["download", home.path, formatTicket(target.ticket), "/elsewhere"], async () => {
      using second = await openDownload(home, target, null);
      ok(!second.hasRecord);
      notDeepStrictEqual(second.secretKey, key);
      await second.accepted(OFFER);
      await second.finished();
      const [listed] = await listDownloads(home);
      deepStrictEqual([listed.isRunning, listed.isExact], [true, false]);
    });
    strictEqual((await listDownloads(home))[0].isRunning, false, "its lock went with it");
    deepStrictEqual(await keyOf(home, target), key);
  });
});
