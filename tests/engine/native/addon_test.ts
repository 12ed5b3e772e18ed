// The addon alone, in separate processes: invalid input and collected memory must not end the process; a crash would end
// only the separate one.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { NATIVE_IROH_VERSION } from "../../../src/engine/native/choice.ts";
import { needing, NO_ADDON } from "../../left_out.ts";

async function lives(program: string, ...options: string[]): Promise<void> {
  const path = fileURLToPath(new URL(program, import.meta.url));
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", ...options, path],
    env: { DENO_NO_UPDATE_CHECK: "1" },
    stdin: "null",
  }).output();
  const [said, fault] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assert.deepEqual([code, said], [0, "alive\n"], fault);
}

Deno.test(needing("the addon throws at invalid input, and the process does not end", NO_ADDON), async () => {
  await lives("alien_input.ts");
});

Deno.test(
  needing("a collected stream is reset, and streams in use are not collected", NO_ADDON),
  async () => {
    await lives("collection.ts", "--v8-flags=--expose-gc");
  },
);

Deno.test(
  needing(
    "the memory of connections is released when they are closed, not when they are collected",
    NO_ADDON,
  ),
  async () => {
    await lives("released_memory.ts");
  },
);

Deno.test("the version of iroh in pli is the one that the addon is built with", async () => {
  const manifest = await Deno.readTextFile(new URL("../../../native/Cargo.toml", import.meta.url));
  assert.equal(/^iroh = \{ version = "=([\d.]+)"/m.exec(manifest)?.[1], NATIVE_IROH_VERSION);
});
