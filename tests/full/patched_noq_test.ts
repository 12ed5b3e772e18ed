// The patches of noq-proto (native/patches), in the test bench of that crate: frames fit into their packets, and packet
// sizes are discovered. Ignored where there is no cargo; building takes minutes.

import assert from "node:assert/strict";
import { cp } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { PATCHED, preparePatchedCrates } from "../../scripts/patched_crates.mjs";
import { cacheFolder } from "../interop/peers.ts";
import { needing, without } from "../left_out.ts";

const native = fileURLToPath(new URL("../../native/", import.meta.url));

/** A function for tests: the state in which acknowledgements are longest. */
const OWE = `
#[cfg(test)]
impl Connection {
    /// Makes each path owe an acknowledgement of as many ranges as one can have. Returns the number of paths.
    pub(crate) fn owe_largest_acknowledgements(&mut self, now: Instant) -> u64 {
        let spaces = &mut self.spaces[SpaceId::Data].number_spaces;
        for space in spaces.values_mut() {
            for range in 0..64 {
                space.pending_acks.insert_one((range + 1) << 40, now);
            }
            space.pending_acks.set_immediate_ack_required();
        }
        spaces.len() as u64
    }
}
`;

/** The output of the tests in a source of noq-proto. */
async function runIn(source: string): Promise<string> {
  await Deno.copyFile(new URL("patched_noq.rs", import.meta.url), `${source}/src/tests/patched_noq.rs`);
  await Deno.writeTextFile(`${source}/src/tests/mod.rs`, "mod patched_noq;", { append: true });
  await Deno.writeTextFile(`${source}/src/connection/mod.rs`, OWE, { append: true });
  const { stdout, stderr } = await new Deno.Command("cargo", {
    args: ["test", "--lib", "--target-dir", `${cacheFolder()}/noq-tests`, "patched_noq::"],
    cwd: source,
    env: { RUST_LOG: "off", RUST_BACKTRACE: "0" },
  }).output();
  return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
}

Deno.test({
  ...needing("the patched noq bounds its frames and discovers packet sizes", without("cargo", "git")),
  fn: async () => {
    preparePatchedCrates(native);
    const folder = await Deno.makeTempDir({ prefix: "pli-noq-" });
    try {
      await cp(`${native}${PATCHED}/noq-proto`, folder, { recursive: true });
      assert.match(await runIn(folder), /4 passed; 0 failed/);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
