// The largest manifest that is accepted: 32 MiB of hashes, the names, a proof of each size.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { collection, provide } from "../hostile/false_provider.ts";
import { mebibytes, MIB } from "../hostile/raw.ts";
import { report } from "../report.ts";
import { Bench } from "../product/processes.ts";
import { bindIroh } from "../system_ports.ts";

const TAKE_MANIFEST = fileURLToPath(new URL("../hostile/take_manifest.ts", import.meta.url));

Deno.test("B.12 a manifest of a million files takes less than 160 MiB (goal: 128 MiB)", async () => {
  await using bench = await Bench.make();
  const empty = new Uint8Array(0);
  const files = Object.fromEntries(Array.from({ length: 1_000_000 }, (_, i) => [`folder/file ${i}`, empty]));
  const provider = await provide(bindIroh, collection(files));
  const receiver = bench.run(Deno.execPath(), ["run", "-A", "--no-check", TAKE_MANIFEST, provider.ticket]);
  assert.equal(await receiver.ended(), 0, receiver.output);
  const { files: count, growthBytes } = JSON.parse(receiver.stdout.all[0]);
  report(`B.12: a manifest of ${count} files: memory +${mebibytes(growthBytes)}`);
  assert.equal(count, 1_000_000);
  assert.ok(growthBytes < 160 * MIB);
  await provider.endpoint.close();
});
