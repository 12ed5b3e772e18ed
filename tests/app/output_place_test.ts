import { deepStrictEqual } from "node:assert";
import { join, resolve } from "node:path";
import { outputFault, outputPlace } from "../../src/app/output_place.ts";
import { needing } from "../left_out.ts";

Deno.test("E.8 -o is a folder when it is there or ends as one, and else a name in the folder above", async () => {
  const top = await Deno.makeTempDir();
  try {
    await Deno.mkdir(join(top, "there"));
    await Deno.writeTextFile(join(top, "file"), "");
    const at = (path: string, os?: typeof Deno.build.os) =>
      outputPlace(path, (given) => resolve(top, given.replaceAll("\\", "/")), os);
    const folder = (name: string) => ({ folder: join(top, name), name: null });
    deepStrictEqual(await at("there"), folder("there"));
    deepStrictEqual(await at("new/"), folder("new"));
    deepStrictEqual(await at("new/."), folder("new"));
    deepStrictEqual(await at("."), folder(""));
    deepStrictEqual(await at("new/.."), folder(""));
    deepStrictEqual(await at("new\\", "windows"), folder("new"));
    deepStrictEqual(await at("new"), { folder: top, name: "new" });
    deepStrictEqual(await at("file"), { folder: top, name: "file" });
    deepStrictEqual(await at("new/name..."), { folder: join(top, "new"), name: "name..." });
    deepStrictEqual(await at("there/.hidden"), { folder: join(top, "there"), name: ".hidden" });
  } finally {
    await Deno.remove(top, { recursive: true });
  }
});

Deno.test({
  ...needing(
    "-o is at fault where a link leads nowhere and where a device is, and nowhere else",
    Deno.build.os === "windows" ? "it needs a system with links and devices for all" : null,
  ),
  fn: async () => {
    const top = await Deno.makeTempDir();
    try {
      await Deno.writeTextFile(join(top, "file"), "");
      for (const name of ["nowhere", "file", "."]) await Deno.symlink(name, join(top, `to ${name}`));
      await Deno.symlink("loop", join(top, "loop"));
      const faults = ["to nowhere", "loop", "to file", "to .", "file", "nowhere", ""].map((name) =>
        outputFault(`${top}/${name}`)
      );
      deepStrictEqual(await Promise.all(faults), [
        ...["symlink_broken", "symlink_broken"],
        ...[null, null, null, null, null],
      ]);
      deepStrictEqual(await outputFault("/dev/null"), "special_file");
    } finally {
      await Deno.remove(top, { recursive: true });
    }
  },
});
