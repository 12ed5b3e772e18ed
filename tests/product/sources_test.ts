// A.9: a folder with all kinds of entries that must not be sent, read by a user with limited permissions: each is
// skipped, named with its reason, and counted.

import assert from "node:assert/strict";
import { needing, NOT_LINUX } from "../left_out.ts";
import { BY_MODES, IS_ROOT, NO_MODES } from "./by_modes.ts";
import { Bench } from "./processes.ts";
import { en } from "../../src/words/en.ts";
import { pliCommand } from "./program.ts";
import { assertSameTree, noise, readTree, writeTree } from "./trees.ts";

const LOCAL = ["--relay", "disabled"];
async function made(program: string, ...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
}

Deno.test({
  ...needing(
    "A.9 links outside, FIFOs, sockets, devices and unreadable files are left out, named and counted",
    NO_MODES,
    NOT_LINUX,
  ),
  async fn() {
    await using bench = await Bench.make();
    const [src, staging] = [bench.path("src"), "sub/.pli-0123456789abcdef"];
    const sent = { "fine": noise(10), "sub/deep/fine": noise(2000), "inside": noise(10) };
    await writeTree(src, { "fine": sent.fine, "sub/deep/fine": sent["sub/deep/fine"] });
    await writeTree(src, {
      "closed file": noise(5),
      "closed folder/a": noise(5),
      [`${staging}/files/a`]: noise(5),
    });
    await Deno.writeTextFile(`${src}/${staging}/lock`, "");
    await writeTree(bench.folder, { "secret/key": noise(5) });
    await Deno.symlink("fine", `${src}/inside`);
    await Deno.symlink("/etc/passwd", `${src}/absolute link`);
    await Deno.symlink("../../secret/key", `${src}/sub/link up`);
    await Deno.symlink(bench.path("secret"), `${src}/link to a folder`);
    await Deno.symlink("nowhere", `${src}/dangling`);
    await Deno.symlink(".", `${src}/loop`);
    await made("mkfifo", `${src}/fifo`);
    using socket = Deno.listen({ transport: "unix", path: `${src}/socket` });
    if (IS_ROOT) {
      await made("mknod", `${src}/character device`, "c", "1", "5");
      await made("mknod", `${src}/block device`, "b", "7", "0");
    }
    await Deno.mkdir(`${src}/empty`);
    await Deno.chmod(`${src}/closed file`, 0o000);
    await Deno.chmod(`${src}/closed folder`, 0o000);

    const expected = {
      "src/absolute link": "symlink",
      ...IS_ROOT && { "src/block device": "special_file", "src/character device": "special_file" },
      "src/closed file": "unreadable",
      "src/closed folder": "unreadable",
      "src/dangling": "symlink_broken",
      "src/empty": "empty_folder",
      "src/fifo": "special_file",
      "src/link to a folder": "symlink_to_folder",
      "src/loop": "symlink_to_folder",
      "src/socket": "special_file",
      [`src/${staging}`]: "unfinished_download",
      "src/sub/link up": "symlink",
    };
    const sender = bench.pli(["send", ...LOCAL, "--keep", "src"], {
      wrapper: BY_MODES,
    });
    const ticket = await sender.ticket();
    const skipped = sender.events.flatMap((event) =>
      event.type === "skipped" ? [[event.name, event.reason] as const] : []
    );
    assert.deepEqual(Object.fromEntries(skipped), expected);
    assert.equal(skipped.length, Object.keys(expected).length, "each is named once");
    const receiver = bench.pli(["receive", ...LOCAL, "--out", bench.path("out/"), ticket]);
    assert.equal(await receiver.ended(), 0, receiver.output);
    assertSameTree(await readTree(bench.path("out", "src")), sent);
    await sender.stop("SIGINT");

    const [program, ...before] = [...BY_MODES, ...pliCommand];
    const args = [...before, "send", ...LOCAL, "src"];
    const reported = bench.run(program, args, { env: { PLI_HOME: bench.path("words") } });
    const line = await reported.stderr.first((line) => line.startsWith("Not sent") ? line : undefined);
    await reported.stop("SIGINT");
    const counts = Map.groupBy(skipped, ([, reason]) => reason);
    assert.match(line ?? reported.output, new RegExp(`^Not sent: ${skipped.length} names \\(`));
    for (const [reason, names] of counts) {
      const words = `${en.skips[reason]}: ${names.length}`;
      assert.ok(line?.includes(words), `${words}: ${reported.output}`);
    }
    void socket;
    // A user without root can remove it then.
    await Deno.chmod(`${src}/closed folder`, 0o700);
  },
});
