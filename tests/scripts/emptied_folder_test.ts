// The folders that the packaging scripts empty: what they did not write stays.

import assert from "node:assert/strict";
import { join } from "node:path";
import { emptyFolderOf, emptyPackageFolder } from "../../scripts/emptied_folder.ts";
import { inTemporaryFolder } from "../node_program.ts";

function namesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

Deno.test("a folder of tarballs is emptied, and refused with any other file", () =>
  inTemporaryFolder(async (folder) => {
    const inner = join(folder, "new", "er");
    const empty = () => emptyFolderOf(inner, /^pli-\w+\.tgz$/);
    await empty();
    await Deno.writeTextFile(join(inner, "pli-cli.tgz"), "");
    await empty();
    assert.deepEqual(namesIn(inner), []);
    await Deno.writeTextFile(join(inner, "pli-cli.tgz"), "");
    await Deno.writeTextFile(join(inner, "letter"), "");
    await assert.rejects(empty, /^Error: .*er has letter: name an empty folder, or a new one\.$/);
    assert.deepEqual(namesIn(inner), ["letter", "pli-cli.tgz"]);
  }));

Deno.test("a folder is emptied for a package that is in it, also unfinished, and refused with anything else", () =>
  inTemporaryFolder(async (folder) => {
    const manifest = join(folder, "package.json");
    const refused = /has files, and not those of @pli\/cli: name an empty folder, or a new one\.$/;
    await emptyPackageFolder(folder, "@pli/cli");
    await Deno.mkdir(join(folder, "types"));
    await Deno.writeTextFile(join(folder, "types", "index.d.ts"), "");
    await emptyPackageFolder(folder, "@pli/cli");
    assert.deepEqual(namesIn(folder), ["package.json"]);
    for (const text of ['{"name":"another"}', "null", "no JSON"]) {
      await Deno.writeTextFile(manifest, text);
      await assert.rejects(emptyPackageFolder(folder, "@pli/cli"), refused);
      assert.equal(await Deno.readTextFile(manifest), text);
    }
    await Deno.rename(manifest, join(folder, "letter"));
    await assert.rejects(emptyPackageFolder(folder, "@pli/cli"), refused);
    assert.deepEqual(namesIn(folder), ["letter"]);
  }));
