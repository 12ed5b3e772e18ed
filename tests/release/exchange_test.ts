// The tests of a binary or a bundle before its release, on every system, of which they need only processes and files.
// PLI_PROGRAM is its path.

import assert from "node:assert/strict";
import { Bench, type RunningPli } from "../product/processes.ts";
import { pliCommand, PROGRAM } from "../product/program.ts";
import { IS_SLOW } from "../time_limits.ts";
import { assertSameTree, noise, readTree, type Tree, writeTree } from "../product/trees.ts";

const LOCAL = ["--relay", "disabled"];
const MIB = 1024 * 1024;
const LARGEST_MIB = IS_SLOW ? 1 : 20;
/** Names that every system supports, of all lengths that the wire format distinguishes. */
const TREE: Tree = {
  "empty": new Uint8Array(),
  "one byte": noise(1, 1),
  "deep/er/and deeper/small.txt": noise(1_000, 2),
  "deep/a chunk": noise(1_024, 3),
  "deep/übergrößen/ünïcödé — 文件.bin": noise(100_001, 4),
  "blocks/one.bin": noise(MIB, 5),
  "blocks/more.bin": noise(LARGEST_MIB * MIB + 17, 6),
  ...Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`many/${at % 7}/${at}.txt`, noise(at, at)])),
};

/** Options of pli with a separate home. */
const homeOf = (bench: Bench, user: string) => ({ home: bench.path(user, "home") });

async function end(...running: RunningPli[]): Promise<void> {
  for (const each of running) assert.equal(await each.ended(), 0, each.output);
}

Deno.test("release: pli prints its version, and has the native binding", async () => {
  await using bench = await Bench.make();
  const { version } = JSON.parse(await Deno.readTextFile(new URL("../../package.json", import.meta.url)));
  const [program, ...before] = pliCommand;
  const told = bench.run(program, [...before, "--version"]);
  assert.equal(await told.ended(), 0, told.output);
  assert.equal(told.stdout.all[0], `pli ${version}`);
  if (PROGRAM !== null) assert.match(told.stdout.all[1], /^iroh \S+ \(native\)$/);
});

Deno.test("release: a folder is sent, and the received one is sent back, byte for byte", async () => {
  await using bench = await Bench.make();
  await writeTree(bench.path("ada", "Letters"), TREE);
  await carry("ada", "Letters", "bob");
  await carry("bob", "Letters", "cleo");

  async function carry(from: string, name: string, to: string): Promise<void> {
    const sender = bench.pli(["send", ...LOCAL, bench.path(from, name)], homeOf(bench, from));
    const receive = ["receive", ...LOCAL, "--out", `${bench.path(to)}/`, await sender.ticket()];
    const receiver = bench.pli(receive, homeOf(bench, to));
    await end(receiver, sender);
    assert.ok(sender.events.some((event) => event.type === "delivered"), sender.output);
    assertSameTree(await readTree(bench.path(to, name)), TREE);
  }
});

Deno.test("release: standard input is received on standard output", async () => {
  await using bench = await Bench.make();
  const text = "A letter.\n".repeat(20_000);
  const stdin = new TextEncoder().encode(text);
  const sender = bench.pli(["send", ...LOCAL, "--name", "letter.txt", "-"], {
    stdin,
    ...homeOf(bench, "ada"),
  });
  const [program, ...before] = pliCommand;
  const receive = ["receive", ...LOCAL, "-o", "-", await sender.ticket()];
  const env = { PLI_HOME: bench.path("bob", "home") };
  const receiver = bench.run(program, [...before, ...receive], { env });
  assert.equal(await receiver.ended(), 0, receiver.stderr.all.join("\n"));
  await end(sender);
  assert.equal(`${receiver.stdout.all.join("\n")}\n`, text);
});

Deno.test("release: the page is served, and its code gives access to the API", async () => {
  await using bench = await Bench.make();
  await using page = await Page.open(bench);
  const html = await page.get("/");
  assert.equal(html.status, 200);
  assert.match(html.headers.get("content-type") ?? "", /^text\/html/);
  const scripts = [...(await html.text()).matchAll(/<script[^>]* src="([^"]+)"/g)].map(([, path]) => path);
  assert.ok(scripts.length > 0);
  for (const path of scripts) {
    const script = await page.get(path);
    assert.equal(script.status, 200);
    assert.ok((await script.text()).length > 10_000, path);
  }
  const withoutToken = await page.get("/api/settings");
  assert.equal(withoutToken.status, 401);
  await withoutToken.body?.cancel();

  const token = await page.token();
  const settings = await page.get("/api/settings", token);
  assert.equal(settings.status, 200);
  assert.equal(typeof (await settings.json()).downloadFolder, "string");
});

/** A pli that serves its page, with requests without a browser. */
class Page implements AsyncDisposable {
  private constructor(readonly url: URL, readonly stop: () => Promise<void>) {}

  static async open(bench: Bench): Promise<Page> {
    const [program, ...before] = pliCommand;
    const options = ["--no-open", ...LOCAL];
    const env = { PLI_HOME: bench.path("dora", "home") };
    const running = bench.run(program, [...before, "ui", ...options], { env });
    const url = await running.stdout.first((line) => /^http:\S+$/.exec(line)?.[0]);
    assert.ok(url !== undefined, running.output);
    return new Page(new URL(url), () => running.stop());
  }

  get(path: string, token?: string): Promise<Response> {
    const headers = token === undefined ? undefined : { Authorization: `Bearer ${token}` };
    return fetch(new URL(path, this.url), { headers });
  }

  /** The token for the code in its address. */
  async token(): Promise<string> {
    const code = this.url.hash.replace(/^#(code=)?/, "");
    const response = await fetch(new URL("/api/session", this.url), {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ code }),
    });
    assert.equal(response.status, 200);
    return (await response.json()).token;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
