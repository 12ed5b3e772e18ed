// Long transfers: memory and open files do not grow. PLI_SOAK_FILES and PLI_SOAK_GB (decimal) are for larger runs than
// those of CI: 100,000 files, and one sparse file of 100 GB that is discarded.

import assert from "node:assert/strict";
import { Bench, type Running } from "../product/processes.ts";
import { report } from "../report.ts";

const FILES = Number(Deno.env.get("PLI_SOAK_FILES") ?? 10_000);
const GIGABYTES = Number(Deno.env.get("PLI_SOAK_GB") ?? 3);
const LOCAL = ["--relay", "disabled"];

interface Sample {
  memoryBytes: number;
  openFiles: number;
}

/** The present resources of a process; null when it has ended. */
function sampleOf({ process }: Running): Sample | null {
  try {
    const status = Deno.readTextFileSync(`/proc/${process.pid}/status`);
    const memoryBytes = Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
    const openFiles = [...Deno.readDirSync(`/proc/${process.pid}/fd`)].length;
    return memoryBytes === 0 ? null : { memoryBytes, openFiles };
  } catch {
    return null;
  }
}

/** Samples both ends four times a second until the receiver has ended. */
async function watched(sender: Running, receiver: Running) {
  const samples: { sender: Sample[]; receiver: Sample[] } = { sender: [], receiver: [] };
  const look = setInterval(() => {
    for (const [name, running] of [["sender", sender], ["receiver", receiver]] as const) {
      const sample = sampleOf(running);
      if (sample !== null) samples[name].push(sample);
    }
  }, 250);
  try {
    assert.equal(await receiver.ended(), 0, receiver.output);
    assert.equal(await sender.ended(), 0, sender.output);
  } finally {
    clearInterval(look);
  }
  return samples;
}

/** The maximum of the first half of a run, and of the whole run. */
function growth(samples: readonly Sample[], of: keyof Sample): { early: number; all: number } {
  const most = (part: readonly Sample[]) => Math.max(...part.map((sample) => sample[of]));
  return { early: most(samples.slice(0, Math.ceil(samples.length / 2))), all: most(samples) };
}

/** Maximum memory of a process: a constant part, and a part for each file. */
const BASE_BYTES = 220e6;
const FILE_BYTES = 3_000;

function assertFlat(what: string, samples: Awaited<ReturnType<typeof watched>>, files: number): void {
  for (const end of ["sender", "receiver"] as const) {
    const memory = growth(samples[end], "memoryBytes");
    const open = growth(samples[end], "openFiles");
    report(
      `D.37: ${what}, ${end}: memory ${(memory.early / 1e6).toFixed()} MB in the first half, ` +
        `${(memory.all / 1e6).toFixed()} in all; open files ${open.early} and ${open.all}`,
    );
    assert.ok(memory.all < memory.early * 1.3 + 40e6, `memory of the ${end}`);
    assert.ok(memory.all < BASE_BYTES + files * FILE_BYTES, `memory of the ${end}`);
    assert.ok(open.all <= open.early + 16, `open files of the ${end}`);
  }
}

Deno.test(`D.37 ${GIGABYTES} GB of a discarded sparse file: memory and open files do not grow`, async () => {
  await using bench = await Bench.make();
  const path = bench.path("sparse.bin");
  const file = await Deno.open(path, { write: true, create: true });
  await file.truncate(GIGABYTES * 1e9);
  file.close();
  const sender = bench.pli(["send", ...LOCAL, path]);
  const receiver = bench.pli(["receive", ...LOCAL, "-o", "-", await sender.ticket()], {
    wrapper: ["sh", "-c", 'exec "$@" > /dev/null', "sh"],
  });
  assertFlat(`${GIGABYTES} GB`, await watched(sender, receiver), 1);
});

Deno.test(`D.37 ${FILES} files: memory and open files do not grow`, async () => {
  await using bench = await Bench.make();
  for (let at = 0; at < FILES; at++) {
    const folder = bench.path("src", `${Math.floor(at / 500)}`);
    if (at % 500 === 0) await Deno.mkdir(folder, { recursive: true });
    Deno.writeTextFileSync(`${folder}/${at}.txt`, `file ${at}\n`.repeat(100));
  }
  const sender = bench.pli(["send", ...LOCAL, bench.path("src")]);
  const receiver = bench.pli(["receive", ...LOCAL, "-o", bench.path("out/"), await sender.ticket()]);
  assertFlat(`${FILES} files`, await watched(sender, receiver), FILES);
  let count = 0;
  for (const folder of Deno.readDirSync(bench.path("out", "src"))) {
    for (const { name } of Deno.readDirSync(bench.path("out", "src", folder.name))) {
      const at = Number.parseInt(name);
      const text = Deno.readTextFileSync(bench.path("out", "src", folder.name, name));
      assert.equal(text, `file ${at}\n`.repeat(100));
      count++;
    }
  }
  assert.equal(count, FILES);
});
