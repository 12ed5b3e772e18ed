// E.19: with the native addon, on Linux, the published file is the one in the verified folder.

import assert from "node:assert/strict";
import { isPliError } from "../../../src/engine/errors.ts";
import { needing, NO_ADDON } from "../../left_out.ts";
import { nativeDisk, realDisk } from "../../system_ports.ts";

Deno.test({
  ...needing(
    "E.19 nothing is linked or renamed out of a folder that was replaced",
    NO_ADDON,
    nativeDisk.publish === undefined ? "the native addon publishes by descriptor only on Linux" : null,
  ),
  async fn() {
    const root = await Deno.makeTempDir();
    try {
      await Deno.mkdir(`${root}/staging`);
      const within = (await realDisk.status(`${root}/staging`))!;
      await Deno.rename(`${root}/staging`, `${root}/moved`);
      for (const swap of ["folder", "symlink"]) {
        if (swap === "folder") await Deno.mkdir(`${root}/staging`);
        else await Deno.symlink(`${root}/moved`, `${root}/staging`);
        await Deno.writeTextFile(`${root}/staging/a`, "theirs");
        for (const way of ["link", "rename"] as const) {
          await assert.rejects(
            realDisk[way](`${root}/staging/a`, `${root}/a`, within),
            (error) => isPliError(error),
            `${swap} ${way}`,
          );
          await assert.rejects(Deno.lstat(`${root}/a`));
        }
        await Deno.remove(`${root}/staging`, { recursive: true });
      }
    } finally {
      await Deno.remove(root, { recursive: true });
    }
  },
});
