// The bundle under test depends on nothing outside of it, so the other tests hold for it alone.

import assert from "node:assert/strict";
import { networkInterfaces } from "node:os";
import { dirname, join } from "node:path";
import { needing, NOT_FULL } from "../left_out.ts";
import { PROGRAM } from "./program.ts";

const isBundle = PROGRAM !== null && PROGRAM.endsWith(".js");

Deno.test({
  ...needing(
    "the bundle needs its addon alone, no packages, and no network",
    isBundle ? null : NOT_FULL ?? "PLI_PROGRAM names no bundle",
  ),
  async fn() {
    const folder = dirname(await Deno.realPath(PROGRAM!));
    const beside = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
    assert.deepEqual(beside.sort(), ["pli.js", "pli_native.node"]);
    for (let above = folder; above !== dirname(above); above = dirname(above)) {
      for (const name of ["node_modules", "package.json", "deno.json", "deno.jsonc"]) {
        await assert.rejects(Deno.lstat(join(above, name)), Deno.errors.NotFound, join(above, name));
      }
    }
    if (Deno.env.get("PLI_WITHOUT_NETWORK")) assert.deepEqual(Object.keys(networkInterfaces()), ["lo"]);
  },
});
