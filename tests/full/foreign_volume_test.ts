// A.2 on a real volume with the rules of Windows: NTFS by FUSE, which folds case and refuses names like
// Windows. Needs root, mkntfs and lowntfs-3g (Debian: ntfs-3g); ignored where they are missing.

import assert from "node:assert/strict";
import { needing, NOT_ROOT } from "../left_out.ts";
import { Bench } from "../product/processes.ts";
import { noise, readTree, type Tree, writeTree } from "../product/trees.ts";

const LOCAL = ["--relay", "disabled"];
const VOLUME_BYTES = 32 * 1024 * 1024;

async function ran(program: string, ...args: string[]): Promise<boolean> {
  const command = new Deno.Command(program, { args, stdout: "null", stderr: "null" });
  return await command.output().then(({ success }) => success, () => false);
}

/** A volume that exists until the end of a test. */
class Volume implements AsyncDisposable {
  private constructor(readonly path: string) {}

  /** Null where it cannot be mounted. */
  static async mount(bench: Bench): Promise<Volume | null> {
    const [image, path] = [bench.path("image"), bench.path("volume")];
    await Deno.mkdir(path);
    await Deno.writeFile(image, new Uint8Array(0));
    await Deno.truncate(image, VOLUME_BYTES);
    const isMounted = await ran("mkntfs", "--fast", "--quiet", "--force", image) &&
      await ran("lowntfs-3g", image, path, "-o", "ignore_case,windows_names");
    return isMounted ? new Volume(path) : null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    assert.ok(await ran("umount", this.path));
  }
}

async function canMount(): Promise<boolean> {
  await using bench = await Bench.make();
  await using volume = await Volume.mount(bench);
  return volume !== null;
}

const NO_VOLUME = NOT_ROOT ?? (await canMount() ? null : "no NTFS can be made and mounted (ntfs-3g)");

Deno.test({
  ...needing(
    "A.2 on a volume that folds case and has Windows' rules all files arrive, and renamed files are reported",
    NO_VOLUME,
  ),
  async fn() {
    await using bench = await Bench.make();
    await using volume = await Volume.mount(bench);
    const names = [
      ...[
        "aux.c",
        "Makefile",
        "makefile",
        "MAKEFILE",
        "Dir/a",
        "dir/a",
        "dir/b",
        "a:b",
        "a_b",
        "end.",
        "end ",
      ],
      ...["what?", '<|>"*', "con/nul.txt", "tab\tname", "caf\u00e9", "fine.txt", ".hidden/x"],
    ];
    const tree: Tree = Object.fromEntries(names.map((name, at) => [`t/${name}`, noise(100 + at, at + 1)]));
    await writeTree(bench.folder, tree);
    const sender = bench.pli(["send", ...LOCAL, "t"]);
    const receiver = bench.pli([
      "receive",
      "--yes",
      ...LOCAL,
      "--out",
      `${volume!.path}/in/`,
      await sender.ticket(),
    ]);
    assert.equal(await receiver.ended(), 0, receiver.output);
    assert.equal(await sender.ended(), 0, sender.output);

    const got = await readTree(`${volume!.path}/in/`);
    const contents = (files: Tree) => Object.values(files).map((bytes) => bytes.toHex()).sort();
    assert.deepEqual(contents(got), contents(tree), "every file exists once, with its content");
    const renamed = receiver.events.flatMap((event) => event.type === "renamed" ? [event.from] : []);
    const expected = ["aux.c", "a:b", "con", "con/nul.txt", "end.", "end ", "what?", '<|>"*', "tab\tname"];
    for (const name of expected) assert.ok(renamed.includes(`t/${name}`), `${name} of ${renamed}`);
    const twins = (...names: string[]) => names.filter((name) => renamed.includes(`t/${name}`)).length;
    assert.equal(twins("Makefile", "makefile", "MAKEFILE"), 2);
    assert.equal(twins("Dir", "dir"), 1);
    for (const name of ["fine.txt", "caf\u00e9", ".hidden", ".hidden/x", "a_b"]) {
      assert.ok(!renamed.includes(`t/${name}`), name);
    }
    assert.ok(!Object.keys(got).some((name) => name.includes(".pli-")));
  },
});
