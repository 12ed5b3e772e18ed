// E.9 on a real volume without hard links, by FUSE, whose driver reports ENOSYS (EPERM with newer kernels): everything
// is received, in a new folder, merged, and resumed. Needs /dev/fuse, fusermount3, and Go for the driver; ignored
// without them.

import assert from "node:assert/strict";
import { goTool } from "../interop/go_programs.ts";
import { needing, NOT_LINUX, unlessSucceeds } from "../left_out.ts";
import { Bench, type Running } from "../product/processes.ts";
import { assertSameTree, noise, readTree, type Tree, writeTree } from "../product/trees.ts";

const LOCAL = ["--relay", "disabled"];
const DRIVER = new URL("./no_links_fs/", import.meta.url);
const TREE: Tree = {
  "large.bin": noise(9_000_000, 1),
  ...Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`small/${at}`, noise(300 + at, at + 2)])),
};

/** The volume, mounted until the end of a test. */
class Volume implements AsyncDisposable {
  private constructor(readonly path: string, readonly driver: Running) {}

  static async mount(bench: Bench): Promise<Volume> {
    const [folder, path] = [bench.path("behind"), bench.path("volume")];
    await Deno.mkdir(folder);
    await Deno.mkdir(path);
    const driver = bench.run(await goTool(DRIVER), [folder, path]);
    assert.ok(await driver.stdout.first((line) => line === "mounted" || undefined), "it is not mounted");
    return new Volume(path, driver);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Deno.Command("fusermount3", { args: ["-u", "-z", this.path] }).output();
    await this.driver.ended();
  }
}

const NO_FUSE = NOT_LINUX ?? await Deno.stat("/dev/fuse").then(() => null, () => "there is no /dev/fuse") ??
  await unlessSucceeds("there is no fusermount3", "fusermount3", "-V") ??
  await unlessSucceeds("there is no go", "go", "version");

Deno.test({
  ...needing(
    "E.9 a volume without hard links (FUSE, ENOSYS) receives files: new, merged and resumed",
    NO_FUSE,
  ),
  async fn() {
    await using bench = await Bench.make();
    await using volume = await Volume.mount(bench);
    await writeTree(bench.path("t"), TREE);
    await writeTree(`${volume.path}/merged`, { "t/kept": noise(5), "t/small/3": noise(7) });
    await assert.rejects(
      Deno.link(`${volume.path}/merged/t/kept`, `${volume.path}/second`),
      /os error (1|38)\)/,
    );
    const sender = bench.pli(["send", ...LOCAL, "--keep", "t"]);
    const ticket = await sender.ticket();
    const receive = (folder: string, wrapper: string[] = []) =>
      bench.pli(["receive", ...LOCAL, "--out", `${volume.path}/${folder}`, ticket], {
        home: bench.path("home"),
        wrapper,
      });
    const fresh = receive("new");
    assert.equal(await fresh.ended(), 0, fresh.output);
    assertSameTree(await readTree(`${volume.path}/new/t`), TREE);

    const merged = receive("merged");
    assert.equal(await merged.ended(), 0, merged.output);
    const expected = { ...TREE, "kept": noise(5), "small/3": noise(7), "small/3 (2)": TREE["small/3"] };
    assertSameTree(await readTree(`${volume.path}/merged/t`), expected);

    const cut = receive("resumed", ["bash", "-c", 'ulimit -f 3000; exec "$@"', "bash"]);
    assert.equal(await cut.ended(), 5, cut.output);
    const resumed = receive("resumed");
    assert.equal(await resumed.ended(), 0, resumed.output);
    assertSameTree(await readTree(`${volume.path}/resumed/t`), TREE);
    for (const folder of ["new", "merged", "resumed"]) {
      assert.deepEqual([...Deno.readDirSync(`${volume.path}/${folder}`)].map(({ name }) => name), ["t"]);
    }
  },
});
