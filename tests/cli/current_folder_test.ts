// Commands in another current folder, or in one that is gone. It is the folder of the whole process, in which a quick run
// tests other files at the same time, so this file has a process of its own.

import { match, strictEqual } from "node:assert";
import { join } from "node:path";
import type { FetchOptions } from "../../src/engine/mod.ts";
import { needing, NOT_UNIX } from "../left_out.ts";
import { TICKET, withFixture } from "./cli_fixture.ts";
import { fakeFetch } from "./fake_share.ts";

Deno.test({
  ...needing("receive: the current folder may be gone when the download ends", NOT_UNIX),
  fn: async () => {
    const before = Deno.cwd();
    const current = await Deno.makeTempDir();
    const fetch = async (options: FetchOptions) => {
      const fetched = await fakeFetch(options);
      await Deno.remove(current);
      return fetched;
    };
    try {
      for (const out of ["out/", "."]) {
        await Deno.mkdir(current, { recursive: true });
        Deno.chdir(current);
        await withFixture(["receive", TICKET, "-o", out], { engine: { fetch } }, (exit, fixture) => {
          strictEqual(exit, 0, fixture.error.text);
          strictEqual(fixture.output.text, `${join(out, "holiday")}\n`);
        });
      }
    } finally {
      Deno.chdir(before);
    }
  },
});

Deno.test("run: a path that is both near a command and there gets both answers", async () => {
  const before = Deno.cwd();
  const argv = (folder: string) => {
    Deno.writeTextFileSync(`${folder}/sent`, "");
    Deno.chdir(folder);
    return ["sent"];
  };
  await withFixture(argv, {}, (exit, { error }) => {
    // Windows removes no folder that a process works in.
    Deno.chdir(before);
    strictEqual(exit, 2);
    match(
      error.text,
      /\nDid you mean pli send\? To send the file or folder sent, write pli send before it\.\n$/,
    );
  });
});
