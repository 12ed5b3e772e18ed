// B.13, B.16: every decoder of bytes and of text from outside, with its corpus and with inputs mutated from it.
// PLI_LONG=1 runs a million in all; PLI_FUZZ_SEED repeats a campaign.

import assert from "node:assert/strict";
import { campaign, type Counts } from "./campaign.ts";
import { TARGETS } from "./decoders.ts";

const IN_ALL = Deno.env.get("PLI_LONG") ? 1_000_000 : 30_000;
const EACH = Math.ceil(IN_ALL / TARGETS.length);
const SEED = Number(Deno.env.get("PLI_FUZZ_SEED") ?? Date.now() % 2 ** 32);

const counted = new Map<string, Counts>();

for (const target of TARGETS) {
  Deno.test(`B.13 fuzzed ${target.name}: a value or a documented error, within 10 ms`, async () => {
    counted.set(target.name, await campaign(target, EACH, SEED));
  });
}

Deno.test("B.13 the campaigns reach a value and an error of every decoder", () => {
  let [inputs, slowOnce] = [0, 0];
  for (const [name, counts] of counted) {
    print(`${name}: ${counts.inputs} inputs, ${counts.decoded} decoded, ${counts.refused} refused`);
    inputs += counts.inputs;
    slowOnce += counts.slowOnce;
    assert.ok(counts.decoded >= counts.inputs / 1000, `${name}: ${counts.decoded} inputs were decoded`);
  }
  print(`fuzzing: ${inputs} inputs in all, ${slowOnce} over 10 ms once and not again, PLI_FUZZ_SEED=${SEED}`);
  assert.equal(counted.size, TARGETS.length);
});

function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}
