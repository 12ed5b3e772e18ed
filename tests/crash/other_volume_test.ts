// E.10: receiving into a folder in which another volume is mounted: a tmpfs, or a bind mount of a folder of the same
// volume, across which no hard link is possible either. Mounting needs root.

import assert from "node:assert/strict";
import { needing, NOT_LINUX } from "../left_out.ts";
import { Bench } from "../product/processes.ts";
import { assertSameTree, noise, readTree, type Tree, writeTree } from "../product/trees.ts";
import { LOCAL, MIB } from "./interrupted.ts";

const TREE: Tree = {
  "here.bin": noise(MIB, 1),
  "mnt/large.bin": noise(5 * MIB + 3, 2),
  "mnt/new/deep/b": noise(3_000, 3),
  ...Object.fromEntries(Array.from({ length: 80 }, (_, at) => [`mnt/small/${at}`, noise(200 + at, at + 4)])),
};

class Mount implements AsyncDisposable {
  private constructor(readonly path: string) {}

  /** Null where mounting fails. */
  static async make(path: string, args: string[]): Promise<Mount | null> {
    await Deno.mkdir(path, { recursive: true });
    const { success } = await new Deno.Command("mount", { args: [...args, path], stderr: "null" }).output();
    return success ? new Mount(path) : null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Deno.Command("umount", { args: ["-l", this.path], stderr: "null" }).output();
  }
}

async function canMount(): Promise<boolean> {
  const folder = await Deno.makeTempDir();
  try {
    await using mount = await Mount.make(`${folder}/m`, ["-t", "tmpfs", "tmpfs"]);
    return mount !== null;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const NO_MOUNT = NOT_LINUX ?? (await canMount() ? null : "nothing can be mounted");

for (const kind of ["tmpfs", "bind"]) {
  Deno.test({
    ...needing(
      `E.10 a folder that contains another mount (${kind}) receives all files, and the copying is reported`,
      NO_MOUNT,
    ),
    async fn() {
      await using bench = await Bench.make();
      await writeTree(bench.path("t"), TREE);
      const [out, inside] = [bench.path("out"), bench.path("inside")];
      await writeTree(out, { "t/kept": noise(5) });
      await Deno.mkdir(inside);
      const args = kind === "tmpfs" ? ["-t", "tmpfs", "-o", "size=16m", "tmpfs"] : ["--bind", inside];
      await using mount = await Mount.make(`${out}/t/mnt`, args);
      assert.ok(mount !== null);
      const sender = bench.pli(["send", ...LOCAL, "t"]);
      const receiver = bench.pli(["receive", ...LOCAL, "--out", `${out}/`, await sender.ticket()]);
      assert.equal(await receiver.ended(), 0, receiver.output);
      assert.equal(await sender.ended(), 0, sender.output);
      assertSameTree(await readTree(`${out}/t`), { ...TREE, "kept": noise(5) });
      const crossed = receiver.events.filter(({ type }) => type === "volume_crossed");
      assert.ok(crossed.length > 0, receiver.output);
      for (const folder of [out, `${out}/t`, mount.path]) {
        assert.ok(![...Deno.readDirSync(folder)].some(({ name }) => name.startsWith(".pli-")), folder);
      }
    },
  });
}

Deno.test({
  ...needing(
    "E.10 a lack of space on another volume is reported before; a file that fits nowhere ends the download, which resumes",
    NO_MOUNT,
  ),
  async fn() {
    await using bench = await Bench.make();
    await writeTree(bench.path("t"), TREE);
    const out = bench.path("out");
    await using mount = await Mount.make(`${out}/t/mnt`, ["-t", "tmpfs", "-o", "size=2m", "tmpfs"]);
    assert.ok(mount !== null);
    const sender = bench.pli(["send", ...LOCAL, "--keep", "t"]);
    const args = ["receive", ...LOCAL, "--out", `${out}/`, await sender.ticket()];
    const home = bench.path("home");
    const first = bench.pli(args, { home });
    assert.equal(await first.ended(), 5, first.output);
    assert.ok(first.events.some(({ type }) => type === "space_short"), first.output);
    const error = first.events.at(-1);
    assert.ok(error?.type === "error" && error.code === "disk_full", first.output);
    assert.deepEqual([...Deno.readDirSync(mount.path)].filter(({ name }) => name.startsWith(".pli-")), []);
    const grow = ["-o", "remount,size=16m", mount.path];
    assert.ok((await new Deno.Command("mount", { args: grow }).output()).success);
    const second = bench.pli(args, { home });
    assert.equal(await second.ended(), 0, second.output);
    assertSameTree(await readTree(`${out}/t`), TREE);
  },
});
