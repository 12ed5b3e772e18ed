// A.9: a sender's folder with all that must not be sent, read by a user who may not read everything: each is
// left out, named with its reason, and counted.

import assert from "node:assert/strict";
import { Bench } from "./processes.ts";
import { en } from "../../src/words/en.ts";
import { pliCommand } from "./program.ts";
import { assertSameTree, noise, readTree, writeTree } from "./trees.ts";

const LOCAL = ["--relay", "disabled"];
const IS_ROOT = Deno.build.os === "linux" && Deno.uid() === 0;
/** Modes mean nothing to root, so pli runs as nobody then. */
const AS_NOBODY = IS_ROOT ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : [];

async function made(program: string, ...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
}

Deno.test({
  name: "A.9 links outside, FIFOs, sockets, devices and unreadable files are left out, named and counted",
  ignore: Deno.build.os !== "linux",
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
    await Deno.chmod(bench.folder, 0o755);
    const home = bench.path("home of nobody");
    await Deno.mkdir(home);
    if (IS_ROOT) await Deno.chown(home, 65534, 65534);
    // Deno keeps its own things below HOME.
    const env = { HOME: home, DENO_DIR: `${home}/deno`, PLI_HOME: `${home}/pli` };

    const expected = {
      "src/absolute link": "symlink",
      ...IS_ROOT && { "src/block device": "special_file", "src/character device": "special_file" },
      "src/closed file": "unreadable",
      "src/closed folder": "unreadable",
      "src/dangling": "symlink",
      "src/empty": "empty_folder",
      "src/fifo": "special_file",
      "src/link to a folder": "symlink",
      "src/loop": "symlink",
      "src/socket": "special_file",
      [`src/${staging}`]: "unfinished_download",
      "src/sub/link up": "symlink",
    };
    const sender = bench.pli(["send", ...LOCAL, "--keep", "src"], {
      wrapper: AS_NOBODY,
      env,
      home: env.PLI_HOME,
    });
    const ticket = await sender.ticket();
    const skipped = sender.events.flatMap((event) =>
      event.type === "skipped" ? [[event.name, event.reason] as const] : []
    );
    assert.deepEqual(Object.fromEntries(skipped), expected);
    assert.equal(skipped.length, Object.keys(expected).length, "each is named once");
    const receiver = bench.pli(["receive", ...LOCAL, "--out", bench.path("out"), ticket]);
    assert.equal(await receiver.ended(), 0, receiver.output);
    assertSameTree(await readTree(bench.path("out", "src")), sent);
    await sender.stop("SIGINT");

    const [program, ...before] = [...AS_NOBODY, ...pliCommand];
    const args = [...before, "send", ...LOCAL, "src"];
    const told = bench.run(program, args, { env: { ...env, PLI_HOME: `${home}/words` } });
    const line = await told.stderr.first((line) => line.startsWith("Not sent") ? line : undefined);
    await told.stop("SIGINT");
    const counts = Map.groupBy(skipped, ([, reason]) => reason);
    assert.match(line ?? told.output, new RegExp(`^Not sent: ${skipped.length} names \\(`));
    for (const [reason, names] of counts) {
      const words = `${en.skips[reason]}: ${names.length}`;
      assert.ok(line?.includes(words), `${words}: ${told.output}`);
    }
    void socket;
    // So that it can be removed by whoever runs this without being root.
    await Deno.chmod(`${src}/closed folder`, 0o700);
  },
});
