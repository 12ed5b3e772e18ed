// The two commands of README.md on Debian 12 and 11, each with Node.js 20 and without Rust, in a fresh clone: `npm start`
// sends over the prebuilt addon, and `npm test` passes, with the tests of the addon among those that ran. Prints how
// long each step took and the rate, which no test asserts.

import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ADDON_MISSING, needing, NOT_ROOT, without } from "../left_out.ts";
import { Bench, type RunningPli } from "../product/processes.ts";
import { report } from "../report.ts";
import { MinimalDebian } from "./minimal_debian.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const RELEASES = { 12: "bookworm", 11: "bullseye" };
const SIZE_BYTES = 1024 ** 3;
const CLONE = "/root/pli";
const LOCAL = ["--relay", "disabled"];

/** Prints the time of each step, from the previous one. */
class Steps {
  #lastMs = performance.now();

  constructor(readonly system: string) {}

  /** Ends a step. Returns its seconds. */
  end(what: string): number {
    const now = performance.now();
    const seconds = (now - this.#lastMs) / 1000;
    this.#lastMs = now;
    report(`${this.system}: ${what}: ${seconds.toFixed(1)} s`);
    return seconds;
  }
}

for (const [version, release] of Object.entries(RELEASES)) {
  Deno.test(
    needing(
      `Debian ${version} with Node.js 20 alone: npm start sends over the addon, npm test passes`,
      NOT_ROOT,
      without("debootstrap", "unshare", "nsenter", "git", "npm", "tar"),
    ),
    async () => {
      await using bench = await Bench.make();
      const debian = await MinimalDebian.start(bench, release);
      const steps = new Steps(`Debian ${version}`);
      const cargo = debian.run("/", ["sh", "-c", "command -v cargo rustc cc deno"]);
      assert.notEqual(await cargo.ended(), 0, cargo.output);
      // A clone of a bare one, because the folder's own .git may be elsewhere.
      await debian.outside(
        "git",
        "clone",
        "--quiet",
        "--bare",
        ROOT,
        join(debian.root, "root", "origin.git"),
      );
      await debian.output("/root", "git", "clone", "--quiet", "/root/origin.git", CLONE);
      await debian.output("/root", "sh", "-c", `head -c ${SIZE_BYTES} /dev/urandom > large`);

      steps.end("clone, and a file of 1 GiB");
      const command = [...debian.command(CLONE), "npm", "--silent", "start", "--"];
      const sender = bench.pli(["send", ...LOCAL, "/root/large"], { command });
      const packages = await sender.stderr.first((line) => /^added \d+ packages/.exec(line)?.[0]);
      assert.ok(packages !== undefined, sender.output);
      steps.end(`npm start: ${packages.replace(/ in .*/, "")}`);
      const started = await sender.stdout.first((line) => line.startsWith("{") ? line : undefined);
      assert.ok(started !== undefined, sender.output);
      steps.end("npm start: the addon, the page, and pli's start");
      const ticket = await sender.ticket();
      steps.end("npm start: the hashes, and the ticket");
      const receiver = bench.pli(["receive", ...LOCAL, "-o", "/root/got/", ticket], { command });
      assert.equal(await receiver.ended(), 0, receiver.output);
      const seconds = steps.end("npm start: receiving, with pli's start");
      report(`Debian ${version}: ${(SIZE_BYTES / 1e6 / seconds).toFixed(0)} MB/s`);
      assert.equal(await sender.ended(), 0, sender.output);
      await debian.output("/root", "cmp", "large", "got/large");
      await debian.output("/root", "rm", "-r", "large", "got");
      for (const each of [sender, receiver]) assertFast(each);
      const binding = await debian.output(CLONE, "npm", "--silent", "start", "--", "--version");
      assert.match(binding, /^iroh \S+ \(native, prebuilt\b/m);

      steps.end("comparison of the file");
      const test = debian.run(CLONE, ["npm", "--silent", "test"]);
      const code = await test.ended();
      // Not the thousands of lines of what passed.
      const ending = test.output.split("\n").filter((line) => /FAILED|left out, |passed, |\] {5}/.test(line));
      assert.equal(code, 0, ending.join("\n"));
      steps.end("npm test");
      assert.ok(!test.output.includes(ADDON_MISSING), test.output);
      const native = test.stdout.all.filter((line) => /the native binding: .* ok\b/.test(line));
      assert.ok(native.length > 0, test.output);
      report(`Debian ${version}: ${test.stdout.all.findLast((line) => / passed, /.test(line))}`);
    },
  );
}

/** Nothing says that it runs on the stock binding. */
function assertFast({ output }: RunningPli): void {
  assert.ok(!output.includes("binding_slow"), output);
}
