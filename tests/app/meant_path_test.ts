// E.1 Paths with `..` mean what the system means by them, also over links; the shell's own tools are the reference.

import assert from "node:assert/strict";
import { join } from "node:path";
import { meantPath } from "../../src/app/meant_path.ts";
import { isPliError } from "../../src/engine/mod.ts";
import { needing, NOT_UNIX } from "../left_out.ts";

const isMissing = (error: unknown) => isPliError(error, "path_missing");

async function withTree(test: (root: string) => Promise<void>): Promise<void> {
  const root = await Deno.realPath(await Deno.makeTempDir());
  try {
    for (const folder of ["real/sub", "a/b"]) await Deno.mkdir(join(root, folder), { recursive: true });
    for (const file of ["real/foo", "a/foo", "file"]) await Deno.writeTextFile(join(root, file), file);
    await Deno.symlink("../real/sub", join(root, "a/link"));
    await Deno.symlink("gone", join(root, "a/broken"));
    await test(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

Deno.test(needing("E.1 `..` after a link is the folder above its target", NOT_UNIX), async () => {
  await withTree(async (root) => {
    const cases = {
      "a/link/../foo": "real/foo",
      "a/link/..": "real",
      "a/link/../new/file": "real/new/file",
      "a/b/../foo": "a/foo",
      "a/../a/b/.././../a/link/../sub": "real/sub",
      "a/link": "a/link",
      "a/link/": "a/link",
      "a//b/./c": "a/b/c",
      "new/file": "new/file",
      "a/..x/y..": "a/..x/y..",
    };
    for (const [typed, meant] of Object.entries(cases)) {
      assert.equal(meantPath(`${root}/${typed}`), join(root, meant), typed);
    }
    const told = await new Deno.Command("cat", { args: [`${root}/a/link/../foo`] }).output();
    assert.equal(
      new TextDecoder().decode(told.stdout),
      await Deno.readTextFile(meantPath(`${root}/a/link/../foo`)),
    );
  });
});

Deno.test(
  needing("E.1 a part before `..` that is no folder, and a file as a folder, are missing", NOT_UNIX),
  async () => {
    await withTree((root) => {
      for (
        const typed of [
          "nosuch/..",
          "nosuch/../file",
          "file/..",
          "a/broken/..",
          "file/",
          "file/.",
          "file/../a",
        ]
      ) {
        assert.throws(() => meantPath(`${root}/${typed}`), isMissing, typed);
      }
      return Promise.resolve();
    });
  },
);

Deno.test("on Windows `..` removes the part before it", () => {
  assert.doesNotThrow(() => meantPath("nosuch/..", "windows"));
});
