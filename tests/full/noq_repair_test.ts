// The repair of noq that the addon is built with (scripts/noq_repair.mjs), in noq-proto's own test bench: what makes
// the published one panic does not do so in the repaired one. Ignored where there is no cargo; building takes minutes.

import assert from "node:assert/strict";
import { cp } from "node:fs/promises";
import { cacheFolder } from "../interop/peers.ts";
import { copyRepaired, publishedNoq } from "../../scripts/noq_repair.mjs";

const root = new URL("../..", import.meta.url).pathname;
const PANIC = /advance out of bounds: the len is \d+ but advancing by \d+/g;

/** For the tests alone: a peer that leaves out packet numbers. */
const LEAVE_OUT = `
#[cfg(test)]
impl Connection {
    pub(crate) fn leave_out_packet_numbers(&mut self, path: PathId, count: u64) {
        self.spaces[SpaceId::Data].for_path(path).next_packet_number += count;
    }
}
`;

/** What the tests print when they are run in a source of noq-proto. */
async function runIn(source: string): Promise<string> {
  await Deno.copyFile(`${root}tests/full/noq_repair.rs`, `${source}/src/tests/noq_repair.rs`);
  await Deno.writeTextFile(`${source}/src/tests/mod.rs`, "mod noq_repair;", { append: true });
  await Deno.writeTextFile(`${source}/src/connection/mod.rs`, LEAVE_OUT, { append: true });
  const { stdout, stderr } = await new Deno.Command("cargo", {
    args: ["test", "--lib", "--target-dir", `${cacheFolder()}/noq-tests`, "noq_repair::"],
    cwd: source,
    env: { RUST_LOG: "off", RUST_BACKTRACE: "0" },
  }).output();
  return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
}

const hasCargo = await new Deno.Command("cargo", { args: ["--version"], stdout: "null", stderr: "null" })
  .output()
  .then(({ success }) => success, () => false);

Deno.test({
  name: "what made noq panic does so in the published one and not in the repaired one",
  ignore: !hasCargo,
  fn: async () => {
    const published = publishedNoq(`${root}native/Cargo.toml`);
    assert.ok(published !== null);
    const folder = await Deno.makeTempDir({ prefix: "pli-noq-" });
    try {
      await cp(published, `${folder}/published`, { recursive: true });
      const before = await runIn(`${folder}/published`);
      assert.equal(before.match(PANIC)?.length, 2, before);
      assert.match(before, /0 passed; 3 failed/);
      copyRepaired(published, `${folder}/repaired`);
      assert.match(await runIn(`${folder}/repaired`), /3 passed; 0 failed/);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
