// Holds a lock, a share, a download, a spool, a transient home, the history or the hash cache, and reports that by one
// line. It is ended by SIGTERM, or killed.

import { openDownload } from "../../src/app/transfers/open_download.ts";
import { openHashCache } from "../../src/app/hash_cache.ts";
import { History } from "../../src/app/history.ts";
import { Home } from "../../src/app/home.ts";
import { Lock } from "../../src/app/lock.ts";
import { TransientHome } from "../../src/app/transient_home.ts";
import { resumeShare } from "../../src/app/shares.ts";
import { Spool } from "../../src/app/spool.ts";
import { parseTicket } from "../../src/engine/mod.ts";

const [what, home, ...rest] = Deno.args;
const open = () => Home.open((name) => name === "PLI_HOME" ? home : undefined);

const held = what === "lock"
  ? await Lock.tryTake(rest[0])
  : what === "share"
  ? await resumeShare(await open(), { paths: rest, exclude: [] }, null)
  : what === "download"
  ? await openDownload(
    await open(),
    { ticket: parseTicket(rest[0]), folder: rest[1], existing: "merge", only: [] },
    null,
  )
  : what === "transient"
  ? await TransientHome.create(undefined, home)
  : what === "hashes"
  ? await hashesWithOneMore()
  : what === "history"
  ? await historyWithMore(Number(rest[0]))
  : await Spool.create(await open(), rest[0]);
if (held === null) Deno.exit(1);
if (Deno.build.os !== "windows") Deno.addSignalListener("SIGTERM", () => Deno.exit(1));
await Deno.stdout.write(new TextEncoder().encode("held\n"));
setInterval(() => void held, 1_000);

/** The history, with `count` more entries. */
async function historyWithMore(count: number) {
  const history = await History.open(await open());
  for (let bytes = 0; bytes < count; bytes++) {
    history.add({
      kind: "sent",
      title: "elsewhere",
      files: 1,
      bytes,
      missing: 0,
      notChosen: 0,
      endedAt: 1_700_000_000_000,
      paths: [],
    });
  }
  return history;
}

/** The hash cache, with an entry of file 2 of hash_cache_test.ts. */
async function hashesWithOneMore() {
  const hashes = await openHashCache(await open());
  const path = new Uint8Array(32);
  path[3] = 2;
  const key = {
    path,
    sizeBytes: 1002,
    modifiedMs: 1_700_000_000_123,
    changedMs: 1_700_000_001_000,
    inode: 2 ** 63 + 4096,
    device: 65_024,
  };
  hashes?.keep([{ key, values: { blockValues: new Uint8Array(32), sizeProof: new Uint8Array(0) } }]);
  return hashes;
}
