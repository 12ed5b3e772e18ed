// A.7: another user can write into the destination, and plants entries at paths that pli writes next, or replaces a
// folder by a symlink during a receive. No file is written outside, and every process ends.

import assert from "node:assert/strict";
import { wasmHasher } from "../../src/engine/blake3/wasm_hasher.ts";
import { systemClock } from "../../src/engine/clock.ts";
import { Engine, isPliError, parseTicket } from "../../src/engine/mod.ts";
import { MemoryNetwork } from "../fakes/memory_network.ts";
import { needing, NOT_UNIX } from "../left_out.ts";
import { HostileProvider } from "./hostile_provider.ts";
import { inTime } from "../time_limits.ts";
import { Bench } from "./processes.ts";
import { assertSameTree, noise, readTree, type Tree, writeTree } from "./trees.ts";
import { realDisk } from "../system_ports.ts";

const LOCAL = ["--relay", "disabled"];

/** The offered files: a small one at the top, one in a folder, and one that is received in pieces. */
const OFFERED = [["small", "s"], ["dir/inside", "i"], ["large", "l".repeat(1_500_000)]] as const;
const EXPECTED: Tree = Object.fromEntries(
  OFFERED.map(([name, content]) => [name, new TextEncoder().encode(content)]),
);
const ELSEWHERE: Tree = {
  "kept": noise(10),
  "inside": noise(20),
  "files/small": noise(30),
  "lock": noise(0),
};

/** Places in the staging folder, which is the first of them. */
const PLACES = [
  "",
  "lock",
  "journal",
  "files",
  "files/small",
  "files/large",
  "files/dir",
  "files/dir/inside",
];

type Plant = (path: string, elsewhere: string) => Promise<unknown>;
const PLANTS: Record<string, Plant> = {
  "a symlink to a file": (path, elsewhere) => Deno.symlink(`${elsewhere}/kept`, path),
  "a symlink to nothing": (path, elsewhere) => Deno.symlink(`${elsewhere}/made`, path),
  "a symlink to a folder": (path, elsewhere) => Deno.symlink(elsewhere, path),
  "a FIFO": (path) => new Deno.Command("mkfifo", { args: [path] }).output(),
  "a folder": (path) => Deno.mkdir(path),
  "a file": (path) => Deno.writeTextFile(path, "planted"),
};

/** The files in a folder, without symlinks and FIFOs, which the tests plant. */
async function filesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name, isFile, isDirectory } of Deno.readDir(folder)) {
    if (isFile) names.push(name);
    if (isDirectory) names.push(...(await filesIn(`${folder}/${name}`)).map((below) => `${name}/${below}`));
  }
  return names.sort();
}

for (const [what, plant] of Object.entries(PLANTS)) {
  Deno.test(
    needing(
      `A.7 ${what} at the path of the staging folder or of an entry: no file outside, no hang`,
      NOT_UNIX,
    ),
    async () => {
      await using bench = await Bench.make();
      const network = new MemoryNetwork();
      await using provider = await HostileProvider.offer(network.bind, OFFERED);
      const engine = new Engine({
        bind: network.bind,
        hasher: wasmHasher(),
        disk: realDisk,
        clock: systemClock,
      });
      const outcomes: string[] = [];
      for (const [at, place] of PLACES.entries()) {
        const [out, elsewhere] = [bench.path(`out${at}`), bench.path(`elsewhere${at}`)];
        await writeTree(elsewhere, ELSEWHERE);
        const path = [out, `.pli-${provider.hash.slice(0, 16)}`, ...place === "" ? [] : [place]].join("/");
        await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
        if (place !== "") {
          // Like that of an earlier run: pli uses no other.
          const staging = `${out}/.pli-${provider.hash.slice(0, 16)}`;
          await Deno.chmod(staging, 0o700);
          if (place !== "lock") await Deno.writeTextFile(`${staging}/lock`, "");
        }
        await plant(path, elsewhere);
        // A FIFO, a lock or a deadlock could make pli hang.
        const fetching = engine.fetch({
          ticket: parseTicket(provider.ticket),
          secretKey: crypto.getRandomValues(new Uint8Array(32)),
          relay: "disabled",
          destination: { kind: "folder", folder: out, existing: "merge" },
          decide: () => Promise.resolve(true),
          onEvent: () => {},
        });
        const outcome = await inTime(fetching, place).then(() => "received", (error) => {
          assert.ok(isPliError(error), `${place}: ${error}`);
          return error.code;
        });
        assertSameTree(await readTree(elsewhere), ELSEWHERE);
        outcomes.push(outcome);
        // Either all files are published, or none.
        const names = (await filesIn(out)).filter((name) => !name.startsWith(".pli-"));
        assert.deepEqual(
          names,
          outcome === "received" ? Object.keys(EXPECTED).sort() : [],
          `${place}: ${outcome}`,
        );
        if (outcome !== "received") continue;
        for (const [name, bytes] of Object.entries(EXPECTED)) {
          assert.ok(Buffer.from(await Deno.readFile(`${out}/${name}`)).equals(bytes), `${place}: ${name}`);
        }
      }
      print(`${what}: ${PLACES.map((place, at) => `${place || "staging"} ${outcomes[at]}`).join(", ")}`);
    },
  );
}

for (const [what, swapped] of [["a folder in it", "old"], ["its destination", "."]]) {
  Deno.test(
    needing(`A.7 a real pli detects ${what} replaced by a symlink, and writes nothing through it`, NOT_UNIX),
    async () => {
      await using bench = await Bench.make();
      const [out, elsewhere, moved] = [bench.path("out"), bench.path("elsewhere"), bench.path("moved")];
      const sent: Tree = { "large": noise(30_000_000), "small": noise(10) };
      await writeTree(bench.path("old"), sent);
      await writeTree(out, { "old/kept": noise(5) });
      // The limit keeps the download from ending before it is suspended.
      const sender = bench.pli(["send", ...LOCAL, "--keep", "--limit", "8M", "old"]);
      const { ticket, hash } = await sender.event("ticket");
      const receiver = bench.pli(["receive", ...LOCAL, "--out", `${out}/`, ticket]);
      await sender.stdout.first((line) => line.includes('"receiving"') ? line : undefined);
      // No more data arrives until the folder has been replaced.
      sender.process.kill("SIGSTOP");
      // Another folder has everything that pli needs to continue there.
      const staging = [...Deno.readDirSync(out)].find(({ name }) =>
        name.startsWith(`.pli-${hash.slice(0, 16)}-`)
      );
      const prepared = {
        ...ELSEWHERE,
        [`${staging!.name}/lock`]: noise(0),
        [`${staging!.name}/files/old/kept`]: noise(5),
      };
      await writeTree(elsewhere, prepared);
      assert.deepEqual(await filesIn(`${out}/old`), ["kept"], "replaced before any file was published");
      await Deno.rename(swapped === "." ? out : `${out}/${swapped}`, moved);
      await Deno.symlink(elsewhere, swapped === "." ? out : `${out}/${swapped}`);
      sender.process.kill("SIGCONT");
      const code = await inTime(receiver.ended(), receiver.output);
      assertSameTree(await readTree(elsewhere), prepared);
      assert.deepEqual(await filesIn(swapped === "." ? `${moved}/old` : moved), ["kept"]);
      if (code === 0) assertSameTree(await readTree(`${out}/old (2)`), sent);
      else assert.equal(code, 5, receiver.output);
      print(`${what} swapped: exit code ${code}`);
    },
  );
}

function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}
