import type { Notice } from "../../src/app/notices.ts";
import { Home } from "../../src/app/home.ts";
import { deepStrictEqual, doesNotMatch, match, notDeepStrictEqual, strictEqual } from "node:assert";
import { join } from "node:path";
import { resumeShare, type ShareSource } from "../../src/app/shares.ts";
import { ar } from "../../src/words/ar.ts";
import { de } from "../../src/words/de.ts";
import { en } from "../../src/words/en.ts";
import { es } from "../../src/words/es.ts";
import { fr } from "../../src/words/fr.ts";
import { it } from "../../src/words/it.ts";
import { pt } from "../../src/words/pt.ts";
import { zh } from "../../src/words/zh.ts";
import { needing, NOT_UNIX } from "../left_out.ts";
import { othersRights, whileHeldElsewhere, withHome } from "./temporary_home.ts";

const HASH = new Uint8Array(32).fill(1);
const SOCKETS = ["0.0.0.0:4433", "[::]:4434"];
const DAY_MS = 24 * 60 * 60 * 1000;

/** A home, and two files to share. */
async function withFiles(use: (home: Home, source: ShareSource, folder: string) => Promise<void>) {
  await withHome(async (home, folder) => {
    const paths = ["a.txt", "b.txt"].map((name) => join(folder, name));
    for (const path of paths) await Deno.writeTextFile(path, path);
    await use(home, { paths, exclude: [] }, folder);
  });
}

async function keyOf(home: Home, source: ShareSource): Promise<Uint8Array> {
  using share = await resumeShare(home, source, null);
  return share.secretKey;
}

async function beginAndInterrupt(home: Home, source: ShareSource, sockets = SOCKETS): Promise<Uint8Array> {
  using share = await resumeShare(home, source, null);
  await share.ticketMade({ sockets, hash: HASH });
  return share.secretKey;
}

async function recordPaths(home: Home): Promise<string[]> {
  const folder = await home.folder("shares");
  return [...Deno.readDirSync(folder)].map(({ name }) => join(folder, name));
}

Deno.test("shares: an interrupted share is resumed with its key and ports", async () => {
  await withFiles(async (home, source) => {
    const key = await beginAndInterrupt(home, source);
    using again = await resumeShare(home, source, null);
    deepStrictEqual(again.secretKey, key);
    deepStrictEqual(again.sockets, SOCKETS);
  });
});

Deno.test("shares: a resumed share has the holder of its claim", async () => {
  await withFiles(async (home, source) => {
    const [first, second] = ["0a", "0b"].map((byte) => byte.repeat(32));
    {
      using share = await resumeShare(home, source, null);
      strictEqual(share.earlierHolder, null);
      await share.ticketMade({ sockets: SOCKETS, hash: HASH });
      share.claimed({ id: first, isPli: false });
      share.claimed({ id: second, isPli: true });
      await share.settled();
    }
    {
      using share = await resumeShare(home, source, null);
      deepStrictEqual(share.earlierHolder, { hash: HASH.toHex(), id: second, isPli: true });
      await share.ticketMade({ sockets: SOCKETS, hash: HASH });
    }
    {
      using share = await resumeShare(home, source, null);
      strictEqual(share.earlierHolder?.id, second, "until another receiver claims it");
      await share.ticketMade({ sockets: SOCKETS, hash: HASH.map((byte) => byte + 1) });
    }
    using changed = await resumeShare(home, source, null);
    strictEqual(changed.earlierHolder, null, "a changed share is unclaimed");
  });
});

Deno.test("shares: a record without a holder, or with an invalid one, keeps its key", async () => {
  await withFiles(async (home, source) => {
    const key = await beginAndInterrupt(home, source);
    const [path] = await recordPaths(home);
    const { holder: _, ...old } = JSON.parse(await Deno.readTextFile(path));
    for (
      const record of [old, { ...old, holder: 7 }, {
        ...old,
        holder: { hash: HASH.toHex(), id: "../a", isPli: true },
      }]
    ) {
      await Deno.writeTextFile(path, JSON.stringify(record));
      using share = await resumeShare(home, source, null);
      deepStrictEqual([share.secretKey, share.earlierHolder], [key, null]);
    }
  });
});

Deno.test("shares: a finished share, and one without a ticket yet, leave no record", async () => {
  await withFiles(async (home, source) => {
    const first = await keyOf(home, source);
    notDeepStrictEqual(await keyOf(home, source), first);
    {
      using share = await resumeShare(home, source, null);
      await share.ticketMade({ sockets: SOCKETS, hash: HASH });
      await share.finished();
    }
    deepStrictEqual(await recordPaths(home), []);
  });
});

Deno.test("shares: other paths and other exclusions are other shares", async () => {
  await withFiles(async (home, source) => {
    const key = await beginAndInterrupt(home, source);
    notDeepStrictEqual(await keyOf(home, { ...source, exclude: ["*.tmp"] }), key);
    notDeepStrictEqual(await keyOf(home, { ...source, paths: source.paths.slice(1) }), key);
    deepStrictEqual(await keyOf(home, source), key);
  });
});

Deno.test({
  ...needing("shares: the same file under another path is the same share", NOT_UNIX),
  fn: async () => {
    await withFiles(async (home, source, folder) => {
      const key = await beginAndInterrupt(home, source);
      await Deno.symlink(folder, join(home.path, "link"));
      const paths = ["a.txt", "b.txt"].map((name) => join(home.path, "link", name));
      deepStrictEqual(await keyOf(home, { ...source, paths }), key);
    });
  },
});

Deno.test("shares: a concurrent second share of the same paths has a separate key, with a notice, and changes no record", async () => {
  await withFiles(async (home, source) => {
    const key = await beginAndInterrupt(home, source);
    const held = ["share", home.path, ...source.paths];
    await whileHeldElsewhere(held, async () => {
      const notices: Notice[] = [];
      const environment = (name: string) => name === "PLI_HOME" ? home.path : undefined;
      const noticing = await Home.open(environment, (notice) => notices.push(notice));
      using second = await resumeShare(noticing, source, null);
      deepStrictEqual(notices, [{ code: "shared_elsewhere", parameters: {} }]);
      notDeepStrictEqual(second.secretKey, key);
      deepStrictEqual(second.sockets, []);
      await second.ticketMade({ sockets: SOCKETS, hash: HASH });
      await second.finished();
    });
    deepStrictEqual(await keyOf(home, source), key);
  });
});

Deno.test("shares: the notice of a second share of the same paths is also true if this process has the first", async () => {
  await withFiles(async (home, source) => {
    const notices: Notice[] = [];
    const environment = (name: string) => name === "PLI_HOME" ? home.path : undefined;
    const noticing = await Home.open(environment, (notice) => notices.push(notice));
    using first = await resumeShare(noticing, source, null);
    using second = await resumeShare(noticing, source, null);
    notDeepStrictEqual(second.secretKey, first.secretKey);
    deepStrictEqual(notices, [{ code: "shared_elsewhere", parameters: {} }]);
  });
  // It must not name another process.
  for (const words of [ar, de, en, es, fr, it, pt, zh]) doesNotMatch(words.notices.shared_elsewhere, /pli/);
});

Deno.test("shares: a key given by the user is used and never written", async () => {
  await withFiles(async (home, source) => {
    const own = new Uint8Array(32).fill(5);
    using share = await resumeShare(home, source, own);
    await share.ticketMade({ sockets: SOCKETS, hash: HASH });
    deepStrictEqual(share.secretKey, own);
    deepStrictEqual(await recordPaths(home), []);
  });
});

Deno.test({
  ...needing("shares: a record is private, and contains its paths", NOT_UNIX),
  fn: async () => {
    await withFiles(async (home, source) => {
      const key = await beginAndInterrupt(home, source);
      const [path] = await recordPaths(home);
      strictEqual(await othersRights(path), 0);
      const { version, paths, exclude, secretKey, sockets } = JSON.parse(await Deno.readTextFile(path));
      deepStrictEqual([version, exclude, secretKey, sockets], [1, [], key.toHex(), SOCKETS]);
      match(paths[0], /a\.txt$/);
    });
  },
});

Deno.test("shares: an unreadable record counts as none", async () => {
  await withFiles(async (home, source) => {
    const key = await beginAndInterrupt(home, source);
    const [path] = await recordPaths(home);
    const good = JSON.parse(await Deno.readTextFile(path));
    const broken = ["", "{", "null", "7", { ...good, version: 2 }, { ...good, secretKey: "00" }, {
      ...good,
      createdAtMs: 8.64e15 + 1,
    }];
    for (const record of broken) {
      await Deno.writeTextFile(path, typeof record === "string" ? record : JSON.stringify(record));
      notDeepStrictEqual(await keyOf(home, source), key);
    }
  });
});

Deno.test("shares: records that were not used for 90 days are removed, unless they are in use", async () => {
  await withFiles(async (home, source) => {
    const makeOld = async (days: number) => {
      const then = new Date(Date.now() - days * DAY_MS);
      for (const path of await recordPaths(home)) await Deno.utime(path, then, then);
    };
    const other = { ...source, exclude: ["x"] };
    const key = await beginAndInterrupt(home, source);
    await makeOld(89);
    deepStrictEqual(await keyOf(home, source), key);
    await makeOld(91);
    await whileHeldElsewhere(["share", home.path, ...source.paths], async () => {
      // The other process has resumed it, which updated it, and has removed no old records: it is made old again.
      await beginAndInterrupt(home, other);
      await makeOld(91);
      await keyOf(home, other);
      deepStrictEqual(
        await recordPaths(home).then((paths) => paths.filter((path) => path.endsWith(".json"))),
        [],
      );
    });
  });
});

Deno.test("shares: a missing path is left to the share, which reports all of them, and leaves no record", async () => {
  await withFiles(async (home, source, folder) => {
    const paths = [join(folder, "c.txt"), ...source.paths];
    await using _share = await resumeShare(home, { ...source, paths }, null);
    deepStrictEqual((await recordPaths(home)).filter((path) => path.endsWith(".json")), []);
  });
});

Deno.test(
  needing("E.4 shares: a symlink and its target are two sources, through any parent folder", NOT_UNIX),
  async () => {
    await withFiles(async (home, { paths: [path] }, folder) => {
      await Deno.mkdir(join(folder, "real"));
      await Deno.symlink("real", join(folder, "alias"));
      await Deno.symlink(path, join(folder, "real", "link"));
      const keys: string[] = [];
      for (const name of ["real/link", "alias/link", "a.txt"]) {
        const key = await beginAndInterrupt(home, { paths: [join(folder, name)], exclude: [] });
        keys.push(key.toHex());
      }
      strictEqual(keys[1], keys[0]);
      notDeepStrictEqual(keys[2], keys[0]);
    });
  },
);
