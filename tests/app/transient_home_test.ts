// The home of a single run, which is removed with it, however the run ends.

import { deepStrictEqual, strictEqual } from "node:assert";
import { join } from "node:path";
import { TransientHome } from "../../src/app/transient_home.ts";
import { whileHeldElsewhere, withHome } from "./temporary_home.ts";

const namesIn = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name);

Deno.test("E.14 transient home: that of a killed process is removed by the next one; those in use, and other files, are kept", () =>
  withHome(async (_, folder) => {
    const parent = join(folder, "temporary");
    // Files that are not pli's, and a home that is being created.
    for (const name of ["pli-home-begun", "letters"]) {
      await Deno.mkdir(join(parent, name), { recursive: true, mode: 0o700 });
    }
    await whileHeldElsewhere(["transient", parent], async () => {
      await using own = await TransientHome.create(undefined, parent);
      await Deno.writeTextFile(join(own.home.path, "secret"), "");
      strictEqual(namesIn(parent).length, 4);
    });
    strictEqual(namesIn(parent).length, 3);
    await (await TransientHome.create(undefined, parent))[Symbol.asyncDispose]();
    deepStrictEqual(namesIn(parent).sort(), ["letters", "pli-home-begun"]);
  }));
