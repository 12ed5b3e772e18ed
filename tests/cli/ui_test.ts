import assert from "node:assert/strict";
import { Home } from "../../src/app/home.ts";
import { parseArguments } from "../../src/cli/arguments.ts";
import { browserTools, hasDesktop } from "../../src/cli/open_browser.ts";
import { UsageError } from "../../src/cli/usage_error.ts";
import { Instance } from "../../src/web/instance.ts";
import { ServedPage } from "../../src/web/page.ts";
import { PAGE_OPTIONS } from "../web/raw_http.ts";
import { run } from "../../src/cli/run.ts";
import { FakeWorld } from "./fake_world.ts";

const environment = (variables: Record<string, string>) => (name: string) => variables[name];

Deno.test("ui: a desktop is where a browser would be seen", () => {
  assert.equal(hasDesktop("linux", environment({})), false);
  assert.equal(hasDesktop("linux", environment({ DISPLAY: ":0" })), true);
  assert.equal(hasDesktop("linux", environment({ WAYLAND_DISPLAY: "wayland-0" })), true);
  assert.equal(hasDesktop("darwin", environment({})), true);
  assert.equal(hasDesktop("darwin", environment({ SSH_CONNECTION: "1 2 3 4" })), false);
});

Deno.test("ui: each system has its tool", () => {
  const tools = (os: typeof Deno.build.os) => browserTools(os, environment({}), "http://x/");
  assert.deepEqual(tools("linux"), [["xdg-open", "http://x/"]]);
  assert.deepEqual(tools("darwin"), [["open", "http://x/"]]);
  assert.deepEqual(tools("windows"), [["cmd.exe", "/c", "start", "", "http://x/"]]);
});

Deno.test("ui: its options are read, and refused when they cannot be meant", () => {
  const given = parseArguments(["ui", "--port", "8080", "--no-open", "--allow-origin", "https://a.example/"]);
  assert.ok(given.command === "ui");
  assert.deepEqual([given.port, given.open, given.separate], [8080, false, false]);
  assert.deepEqual(given.allowedOrigins, ["https://a.example"]);
  const wrong = [["--port", "0"], ["--port", "65536"], ["--port", "x"]];
  const urls = [
    "a.example",
    "ftp://a.example",
    "https://a.example/x",
    "https://u@a.example",
    "https://a.example/?",
  ];
  for (const option of [...wrong, ...urls.map((url) => ["--allow-origin", url])]) {
    const isRefused = (error: unknown) =>
      error instanceof UsageError && error.code === "option_value_invalid";
    assert.throws(() => parseArguments(["ui", ...option]), isRefused, option.join(" "));
  }
});

Deno.test("ui: beside a pli that serves the page, its page is opened", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const world = new FakeWorld(folder);
    const home = await Home.open(world.environment);
    await using instance = (await Instance.tryTake(home))!;
    await using page = await ServedPage.serve(instance, PAGE_OPTIONS);
    assert.equal(await run(["ui", "--no-open"], world), 0);
    assert.match(world.output.text, new RegExp(`^http://127.0.0.1:${page.port}/#[A-Za-z0-9_-]{22}\\n$`));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("ui: for a program its address is a JSON line, with the code that opens it once", async () => {
  const folder = await Deno.makeTempDir();
  try {
    // Where a person would see the browser open.
    const world = new FakeWorld(folder, { isTerminal: true, environment: { DISPLAY: ":0" } });
    const home = await Home.open(world.environment);
    await using instance = (await Instance.tryTake(home))!;
    await using page = await ServedPage.serve(instance, PAGE_OPTIONS);
    assert.equal(await run(["ui", "--json"], world), 0);
    const [line, ...others] = world.json();
    assert.deepEqual(others, []);
    assert.deepEqual({ ...line, url: "" }, { v: 1, type: "listening", url: "" });
    const { origin, hash } = new URL(String(line.url));
    assert.equal(origin, `http://127.0.0.1:${page.port}`);
    const answer = await fetch(`${origin}/api/session`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "Origin": origin },
      body: JSON.stringify({ code: hash.slice(1) }),
    });
    assert.equal(answer.status, 200);
    await answer.body?.cancel();
    assert.equal(world.error.text, "");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("ui: a pli that holds the page and does not answer is told as what it is", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const world = new FakeWorld(folder);
    await using _silent = (await Instance.tryTake(await Home.open(world.environment)))!;
    assert.equal(await run(["ui", "--json"], world), 1);
    const [{ code, message, advice }] = world.json();
    assert.equal(code, "page_silent");
    assert.equal(message, `Another pli serves the page of ${folder}, and does not answer.`);
    assert.match(String(advice), /End that one/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
