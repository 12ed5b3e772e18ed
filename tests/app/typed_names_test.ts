import { deepStrictEqual } from "node:assert";
import { namesOfFiles, typedPath } from "../../src/app/typed_names.ts";
import { needing, NOT_UNIX } from "../left_out.ts";

Deno.test(
  needing("a carriage return that was cut off the end of a path is put back", NOT_UNIX),
  async () => {
    const top = await Deno.makeTempDir();
    try {
      for (const name of ["Icon\r", "both", "both\r"]) await Deno.writeTextFile(`${top}/${name}`, "");
      await Deno.symlink("nowhere", `${top}/link`);
      const typed = async (name: string) => (await typedPath(`${top}/${name}`)).slice(top.length + 1);
      deepStrictEqual(await typed("Icon"), "Icon\r");
      deepStrictEqual(await typed("Icon\r"), "Icon\r");
      for (const name of ["both", "both\r", "link", "missing"]) deepStrictEqual(await typed(name), name);
      const words = ["link", "both", "missing"].map((name) => `${top}/${name}`);
      deepStrictEqual(await namesOfFiles(words), words.slice(0, 2));
    } finally {
      await Deno.remove(top, { recursive: true });
    }
  },
);
