// What is written in pli's home is on the disk when the write resolves. The order of the calls is such that no crash of
// the system leaves a part of a file; strace records it.

import { deepStrictEqual, ok } from "node:assert";
import { join, relative } from "node:path";
import { needing, unlessSucceeds } from "../left_out.ts";

const CALLS = "mkdir,mkdirat,rename,renameat,renameat2,unlink,unlinkat,fsync,fdatasync";
const NO_STRACE = await unlessSucceeds("strace cannot be used", "strace", "-o", "/dev/null", "true");

/** The calls of durable_writes.ts on files below a folder, in order: `call name [name]`. */
async function callsOf(what: "file" | "entry", folder: string): Promise<string[]> {
  const log = `${folder}.log`;
  const script = join(import.meta.dirname!, "durable_writes.ts");
  const command = [Deno.execPath(), "run", "-A", "--no-check", script, what, folder];
  const { success, stderr } = await new Deno.Command("strace", {
    args: ["-f", "-y", "-qq", "-e", `trace=${CALLS}`, "-e", "signal=none", "-o", log, ...command],
    env: { DENO_NO_UPDATE_CHECK: "1" },
    stdin: "null",
  }).output();
  ok(success, new TextDecoder().decode(stderr));
  // Of a call during which another thread made one there are two lines; the first has the names.
  const lines = (await Deno.readTextFile(log)).split("\n").filter((line) => !line.includes("resumed>"));
  return lines.flatMap((line) => {
    const call = /^\d+ +(\w+)\(/.exec(line)?.[1];
    const paths = [...line.matchAll(/["<](\/[^">]*)[">]/g)].map(([, path]) => path);
    const own = paths.filter((path) => path.startsWith(folder)).map((path) =>
      (relative(folder, path) || ".").replace(/\.tmp-[0-9a-f]{8}$/, ".tmp")
    );
    if (call === undefined || own.length === 0) return [];
    const kind = /^(mkdir|rename|unlink)/.exec(call)?.[0] ?? "fsync";
    return [`${kind} ${own.join(" ")}`];
  });
}

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const parent = await Deno.realPath(await Deno.makeTempDir());
  const folder = join(parent, "f");
  try {
    await Deno.mkdir(folder);
    await use(folder);
  } finally {
    await Deno.remove(parent, { recursive: true });
  }
}

Deno.test(
  needing("a private file is flushed before it has its name, and its folder afterwards", NO_STRACE),
  async () => {
    await withFolder(async (folder) => {
      deepStrictEqual(await callsOf("file", folder), [
        "fsync a.json.tmp",
        "rename a.json.tmp a.json",
        "fsync .",
        "mkdir written",
        "unlink a.json",
        "fsync .",
      ]);
    });
  },
);

Deno.test(needing("a new home and an entry of its history are flushed", NO_STRACE), async () => {
  await withFolder(async (folder) => {
    const calls = await callsOf("entry", folder);
    const [opened, added] = [calls.indexOf("mkdir opened"), calls.indexOf("mkdir added")];
    ok(opened >= 0 && added > opened, calls.join("\n"));
    ok(calls.slice(0, opened).includes("fsync ."), calls.join("\n"));
    ok(calls.slice(opened, added).includes("fsync home/history.db-wal"), calls.join("\n"));
  });
});
