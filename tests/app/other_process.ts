// Holds a lock, a share, a download or a spool until it is killed; says so by one line.

import { beginDownload } from "../../src/app/downloads.ts";
import { Home } from "../../src/app/home.ts";
import { Lock } from "../../src/app/lock.ts";
import { takeUpShare } from "../../src/app/shares.ts";
import { Spool } from "../../src/app/spool.ts";

const [what, home, ...rest] = Deno.args;
const open = () => Home.open((name) => name === "PLI_HOME" ? home : undefined);

const held = what === "lock"
  ? await Lock.tryTake(rest[0])
  : what === "share"
  ? await takeUpShare(await open(), { paths: rest, exclude: [] }, null)
  : what === "download"
  ? await beginDownload(await open(), { ticket: rest[0], folder: rest[1] }, null)
  : await Spool.create(await open(), rest[0]);
if (held === null) Deno.exit(1);
await Deno.stdout.write(new TextEncoder().encode("held\n"));
setInterval(() => void held, 1_000);
