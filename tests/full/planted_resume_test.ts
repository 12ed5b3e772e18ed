// A.7 for a resumed download: another user who can write into the destination tampers with the data of an interrupted
// pli. The next one receives everything, and writes nothing through planted entries.

import assert from "node:assert/strict";
import { needing, NOT_LINUX } from "../left_out.ts";
import { Bench } from "../product/processes.ts";
import { assertSameTree, noise, readTree, type Tree, writeTree } from "../product/trees.ts";

const LOCAL = ["--relay", "disabled"];
const LONGEST_MS = 20_000;
const SENT: Tree = { "large": noise(24_000_000), "small": noise(10) };

type Plant = (path: string, outside: string) => Promise<void>;

/** Each replaces a file. `outside` has the bytes of the file, so that it looks equal. */
const PLANTS: Record<string, Plant> = {
  "a symlink to its copy": async (path, outside) => {
    await Deno.copyFile(path, outside);
    await Deno.remove(path);
    await Deno.symlink(outside, path);
  },
  "a hard link of its copy": async (path, outside) => {
    await Deno.copyFile(path, outside);
    await Deno.remove(path);
    await Deno.link(outside, path);
  },
  "a hard link of something else": async (path, outside) => {
    await Deno.writeFile(outside, noise(5000, 7));
    await Deno.remove(path);
    await Deno.link(outside, path);
  },
  "a FIFO": async (path) => {
    await Deno.remove(path);
    await new Deno.Command("mkfifo", { args: [path] }).output();
  },
  "a folder": async (path) => {
    await Deno.remove(path);
    await writeTree(path, { theirs: noise(3) });
  },
};

/** So slow that a download whose progress has been read is never over before it is interrupted. */
const SLOWLY = ["--limit", "8M"];

/** Interrupts a download of `t` in its middle. Resolves to its staging folder; the sender continues. */
async function interrupted(bench: Bench, out: string, ticket: string, hash: string, pid: number) {
  const receiver = bench.pli(["receive", ...LOCAL, ...SLOWLY, "--out", `${out}/`, ticket]);
  const isUnderWay = (line: string) => {
    const event = line.startsWith("{") ? JSON.parse(line) : {};
    return event.type === "progress" && event.bytes > 0 || undefined;
  };
  assert.ok(await receiver.stdout.first(isUnderWay), receiver.output);
  Deno.kill(pid, "SIGSTOP");
  await receiver.stop("SIGKILL");
  Deno.kill(pid, "SIGCONT");
  for await (const { name } of Deno.readDir(out)) {
    if (name.startsWith(`.pli-${hash.slice(0, 16)}-`)) return `${out}/${name}`;
  }
  throw new Error("there is no staging folder");
}

async function isFile(path: string): Promise<boolean> {
  return await Deno.lstat(path).then((status) => status.isFile, () => false);
}

for (const place of ["journal", "files/t/large"]) {
  Deno.test({
    ...needing(
      `A.7 ${place} of an interrupted download replaced: nothing outside is written, and all files arrive`,
      NOT_LINUX,
    ),
    async fn() {
      await using bench = await Bench.make();
      await writeTree(bench.path("t"), SENT);
      const sender = bench.pli(["send", ...LOCAL, "--keep", "t"]);
      const { ticket, hash } = await sender.event("ticket");
      for (const [at, [what, plant]] of Object.entries(PLANTS).entries()) {
        const [out, outside] = [bench.path(`out${at}`), bench.path(`outside${at}`)];
        const staging = await interrupted(bench, out, ticket, hash, sender.process.pid);
        // The file may be missing at the moment of the interruption.
        const isPlanted = await isFile(`${staging}/${place}`);
        if (isPlanted) await plant(`${staging}/${place}`, outside);
        const before = await isFile(outside) ? await Deno.readFile(outside) : null;
        const receiver = bench.pli(["receive", ...LOCAL, "--out", `${out}/`, ticket]);
        const timer = setTimeout(() => receiver.process.kill("SIGKILL"), LONGEST_MS);
        const code = await receiver.ended();
        clearTimeout(timer);
        print(`${place}, ${what}: ${isPlanted ? "planted" : "not there"}, exit code ${code}`);
        const after = await isFile(outside) ? await Deno.readFile(outside) : null;
        assert.ok(
          before === null ? after === null : Buffer.from(before).equals(after!),
          `${what} was written to`,
        );
        assert.ok(code === 0 || code === 5, `${what}: ${code}\n${receiver.output}`);
        if (code === 0) assertSameTree(await readTree(`${out}/t`), SENT);
      }
    },
  });
}

function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}
