// A.7: somebody else can write into the destination, and plants things where pli is about to write, or swaps a
// folder for a symlink while it receives. Nothing is written outside, and nothing waits for ever.

import assert from "node:assert/strict";
import { wasmHasher } from "../../src/engine/blake3/wasm_hasher.ts";
import { systemClock } from "../../src/engine/clock.ts";
import { denoDisk } from "../../src/engine/disk/deno_disk.ts";
import { Engine, isPliError } from "../../src/engine/mod.ts";
import { MemoryNetwork } from "../fakes/memory_network.ts";
import { HostileProvider } from "./hostile_provider.ts";
import { Bench } from "./processes.ts";
import { assertSameTree, noise, readTree, type Tree, writeTree } from "./trees.ts";

const ON_UNIX = { ignore: Deno.build.os === "windows" };
const LOCAL = ["--relay", "disabled"];
const LONGEST_MS = 10_000;

/** What is offered: a small file at the top, one in a folder, and one that comes in pieces. */
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

/** Rejects when something takes too long: a FIFO or a lock is waited for, or two sides for each other. */
async function soon<T>(promise: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`nothing for ${LONGEST_MS} ms`)), LONGEST_MS);
  return await Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** What is in a folder, symlinks and FIFOs left out: the tests plant them. */
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
    `A.7 ${what} where the staging folder or something in it goes: nothing outside, no hang`,
    ON_UNIX,
    async () => {
      await using bench = await Bench.make();
      const network = new MemoryNetwork();
      await using provider = await HostileProvider.offer(network.bind, OFFERED);
      const engine = new Engine({
        bind: network.bind,
        hasher: wasmHasher(),
        disk: denoDisk,
        clock: systemClock,
      });
      const outcomes: string[] = [];
      for (const [at, place] of PLACES.entries()) {
        const [out, elsewhere] = [bench.path(`out${at}`), bench.path(`elsewhere${at}`)];
        await writeTree(elsewhere, ELSEWHERE);
        const path = [out, `.pli-${provider.hash.slice(0, 16)}`, ...place === "" ? [] : [place]].join("/");
        await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
        await plant(path, elsewhere);
        const outcome = await soon(engine.fetch({
          ticket: provider.ticket,
          secretKey: crypto.getRandomValues(new Uint8Array(32)),
          relay: "disabled",
          destination: { kind: "folder", folder: out, existing: "merge" },
          decide: () => Promise.resolve(true),
          onEvent: () => {},
        })).then(() => "received", (error) => {
          assert.ok(isPliError(error), `${place}: ${error}`);
          return error.code;
        });
        assertSameTree(await readTree(elsewhere), ELSEWHERE);
        outcomes.push(outcome);
        // Either all of it came, or nothing of it has a name.
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
      say(`${what}: ${PLACES.map((place, at) => `${place || "staging"} ${outcomes[at]}`).join(", ")}`);
    },
  );
}

for (const [what, swapped] of [["a folder in it", "old"], ["its destination", "."]]) {
  Deno.test(
    `A.7 a real pli finds ${what} swapped for a symlink and writes nothing through it`,
    ON_UNIX,
    async () => {
      await using bench = await Bench.make();
      const [out, elsewhere, moved] = [bench.path("out"), bench.path("elsewhere"), bench.path("moved")];
      const sent: Tree = { "large": noise(30_000_000), "small": noise(10) };
      await writeTree(bench.path("old"), sent);
      await writeTree(out, { "old/kept": noise(5) });
      const sender = bench.pli(["send", ...LOCAL, "--keep", "old"]);
      const { ticket, hash } = await sender.event("ticket");
      // Elsewhere is all that pli would need to go on there.
      const staging = `.pli-${hash.slice(0, 16)}`;
      const prepared = {
        ...ELSEWHERE,
        [`${staging}/lock`]: noise(0),
        [`${staging}/files/old/kept`]: noise(5),
      };
      await writeTree(elsewhere, prepared);
      const receiver = bench.pli(["receive", ...LOCAL, "--out", out, ticket]);
      await sender.stdout.first((line) => line.includes('"receiving"') ? line : undefined);
      // Nothing more comes until the folder has been swapped.
      sender.process.kill("SIGSTOP");
      assert.deepEqual(await filesIn(`${out}/old`), ["kept"], "swapped before anything was published");
      await Deno.rename(swapped === "." ? out : `${out}/${swapped}`, moved);
      await Deno.symlink(elsewhere, swapped === "." ? out : `${out}/${swapped}`);
      sender.process.kill("SIGCONT");
      const code = await soon(receiver.ended());
      assertSameTree(await readTree(elsewhere), prepared);
      assert.deepEqual(await filesIn(swapped === "." ? `${moved}/old` : moved), ["kept"]);
      if (code === 0) assertSameTree(await readTree(`${out}/old (2)`), sent);
      else assert.equal(code, 5, receiver.output);
      say(`${what} swapped: exit code ${code}`);
    },
  );
}

function say(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}
