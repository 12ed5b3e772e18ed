// Two real pli processes on loopback, relays disabled: from files to files.

import assert from "node:assert/strict";
import { INTERESTING_SIZES } from "../vectors/mod.ts";
import { atMost } from "../time_limits.ts";
import { LOCAL, transfer } from "./local_transfer.ts";
import { Bench } from "./processes.ts";
import { assertSameTree, below, noise, readTree, type Tree, writeTree } from "./trees.ts";

Deno.test("every interesting size arrives byte for byte, and no other file is left", async () => {
  await using bench = await Bench.make();
  const sizes = [...INTERESTING_SIZES, 2047, 2048, 2049];
  const tree: Tree = Object.fromEntries(sizes.map((size) => [`${size}.bin`, noise(size, size + 1)]));
  await writeTree(bench.path("sizes"), tree);
  const { sender, receiver } = await transfer(bench, ["sizes"]);
  assertSameTree(await readTree(bench.path("out")), below("sizes", tree));
  assert.ok(sender.events.some((event) => event.type === "delivered"));
  const done = receiver.events.at(-1);
  assert.ok(done?.type === "done" && done.files === sizes.length);
});

Deno.test("one ticket is for several paths, and standard input and output replace files", async () => {
  await using bench = await Bench.make();
  const tree = { "a.txt": noise(10), "f/b.txt": noise(2000) };
  await writeTree(bench.folder, tree);
  await transfer(bench, ["a.txt", "f"]);
  assertSameTree(await readTree(bench.path("out")), tree);

  const sender = bench.pli(["send", ...LOCAL, "--name", "from stdin.bin", "-"], { stdin: noise(100_000, 9) });
  const receiver = bench.pli(["receive", ...LOCAL, "-o", bench.path("in/"), await sender.ticket()]);
  assert.equal(await receiver.ended(), 0, receiver.output);
  assert.equal(await sender.ended(), 0, sender.output);
  assertSameTree(await readTree(bench.path("in")), { "from stdin.bin": noise(100_000, 9) });
  assert.deepEqual([...Deno.readDirSync(bench.path("home2", "spool"))], [], "the spooled copy is removed");
});

Deno.test("a second receiver is refused, with a separate exit code", async () => {
  await using bench = await Bench.make();
  await writeTree(bench.folder, { "once.bin": noise(5000) });
  const sender = bench.pli(["send", ...LOCAL, "--keep", "once.bin"]);
  const ticket = await sender.ticket();
  const wrong = ticket.slice(0, -8) + (ticket.endsWith("aaaaaaaa") ? "caaaaaaa" : "aaaaaaaa");
  const refused = bench.pli(["receive", ...LOCAL, "-o", bench.path("no/"), wrong]);
  assert.equal(await refused.ended(), 6, refused.output);
  const error = refused.events.at(-1);
  assert.ok(error?.type === "error" && error.code === "peer_refused" && error.advice.length > 0);
  await sender.stop("SIGTERM");
});

Deno.test("Ctrl-C ends both sides with 130, and leaves no file under the name", async () => {
  await using bench = await Bench.make();
  await Deno.writeFile(bench.path("big.bin"), noise(40_000_000));
  // The limit keeps the transfer from ending before the signal.
  const sender = bench.pli(["send", ...LOCAL, "--limit", "4M", "big.bin"]);
  const receiver = bench.pli(["receive", ...LOCAL, "-o", bench.path("out/"), await sender.ticket()]);
  await receiver.event("progress");
  const startMs = performance.now();
  receiver.process.kill("SIGINT");
  assert.equal(await receiver.ended(), 130, receiver.output);
  sender.process.kill("SIGINT");
  assert.equal(await sender.ended(), 130, sender.output);
  assert.ok(performance.now() - startMs < atMost(6000));
  const left = await Array.fromAsync(Deno.readDir(bench.path("out"))).catch(() => []);
  assert.ok(left.every(({ name }) => name.startsWith(".pli-")), "only the staging folder");
});

Deno.test("an unfinished share keeps its ticket when the same paths are sent again", async () => {
  await using bench = await Bench.make();
  await writeTree(bench.folder, { "again.bin": noise(3000) });
  const home = bench.path("home");
  const first = bench.pli(["send", ...LOCAL, "again.bin"], { home });
  const ticket = await first.ticket();
  await first.stop("SIGINT");
  const second = bench.pli(["send", ...LOCAL, "again.bin"], { home });
  assert.equal(await second.ticket(), ticket);
  const receiver = bench.pli(["receive", ...LOCAL, "-o", bench.path("out/"), ticket]);
  assert.equal(await receiver.ended(), 0, receiver.output);
  assert.equal(await second.ended(), 0, second.output);
  const third = bench.pli(["send", ...LOCAL, "again.bin"], { home });
  assert.notEqual(await third.ticket(), ticket, "the key of a finished share is not reused");
});

Deno.test("Ctrl-C during the wait for a relay ends at once, with a message", async () => {
  await using bench = await Bench.make();
  await writeTree(bench.folder, { "a.bin": noise(10) });
  const sender = bench.pli(["send", "--relay", "http://127.0.0.1:9/", "a.bin"]);
  await sender.event("waiting");
  const startMs = performance.now();
  sender.process.kill("SIGINT");
  assert.equal(await sender.ended(), 130, sender.output);
  assert.ok(performance.now() - startMs < atMost(1900));
  const error = sender.events.at(-1);
  assert.ok(error?.type === "error" && error.code === "cancelled", sender.output);
});
