import assert from "node:assert/strict";
import { Home } from "../../src/app/home.ts";
import { parseCommandLine } from "../../src/cli/command_line.ts";
import { loadCommands } from "../../src/cli/commands/table.ts";
import {
  browserTools,
  fileUrl,
  hasDesktop,
  isBrowserConfined,
  isEntryConfined,
} from "../../src/app/desktop.ts";
import { UsageError } from "../../src/cli/errors.ts";
import { Instance } from "../../src/web/instance.ts";
import { ServedPage } from "../../src/web/page.ts";
import { needing, NOT_LINUX } from "../left_out.ts";
import { PAGE_OPTIONS } from "../web/raw_http.ts";
import { run } from "../../src/cli/run.ts";
import { CliFixture, TICKET } from "./cli_fixture.ts";

const environment = (variables: Record<string, string>) => (name: string) => variables[name];

Deno.test("ui: a desktop is detected by the system and the session", () => {
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

Deno.test("ui: options are read, and invalid ones refused", async () => {
  const commands = await loadCommands();
  const parse = (...line: string[]) => parseCommandLine(["ui", ...line], commands);
  const parsed = parse("--port", "8080", "--no-open", "--allow-origin", "https://a.example/");
  assert.ok(parsed.command === "ui");
  const { port, noOpen, separate, allowOrigin } = parsed.args;
  assert.deepEqual([port, noOpen, separate, allowOrigin], [8080, true, false, ["https://a.example"]]);
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
    assert.throws(() => parse(...option), isRefused, option.join(" "));
  }
});

Deno.test("ui: --dir is refused at start unless it is a folder or can become one, also beside a pli that serves", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/file`, "");
    const home = await Home.open(new CliFixture(`${folder}/home`).environment);
    await using instance = (await Instance.tryTake(home))!;
    const others = Deno.build.os === "windows" ? [] : [`${folder}/link`, "/dev/null"];
    if (others.length > 0) await Deno.symlink("nowhere", `${folder}/link`);
    const running = [`${folder}/file`, `${folder}/file/below/it`, ...others];
    for (const dir of running) {
      const fixture = new CliFixture(`${folder}/home`);
      assert.equal(await run(["ui", "--no-open", "--json", "--dir", dir], fixture), 2);
      const { code, parameters, advice } = fixture.json()[0];
      assert.deepEqual([code, parameters], [
        "option_value_invalid",
        { option: "--dir", value: dir, expected: "folder_or_new" },
      ]);
      assert.equal(advice, "It takes a folder, or the path of a new one.");
    }
    await using page = await ServedPage.serve(instance, PAGE_OPTIONS);
    for (const dir of [folder, `${folder}/new`, `${folder}/new/below/it`]) {
      const fixture = new CliFixture(`${folder}/home`);
      assert.equal(await run(["ui", "--no-open", "--dir", dir], fixture), 0, fixture.error.text);
    }
    assert.ok(page.port > 0);
    assert.deepEqual([...Deno.readDirSync(folder)].some(({ name }) => name === "new"), false);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("ui: the page of a pli that runs already is opened", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const fixture = new CliFixture(folder);
    const home = await Home.open(fixture.environment);
    await using instance = (await Instance.tryTake(home))!;
    await using page = await ServedPage.serve(instance, PAGE_OPTIONS);
    assert.equal(await run(["ui", "--no-open"], fixture), 0);
    assert.match(fixture.output.text, new RegExp(`^http://127.0.0.1:${page.port}/#[A-Za-z0-9_-]{22}\\n$`));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("ui: of a link nothing but a ticket is taken, which the page shows in its field", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const fixture = new CliFixture(folder);
    const home = await Home.open(fixture.environment);
    await using instance = (await Instance.tryTake(home))!;
    await using _page = await ServedPage.serve(instance, PAGE_OPTIONS);
    const links = [
      `pli:${TICKET}`,
      `PLI://${TICKET.toUpperCase()}/`,
      `pli:${TICKET}?folder=/etc&overwrite=1#"><script>`,
      `pli:--overwrite --out=/etc ${TICKET}`,
    ];
    for (const link of links) {
      fixture.output.text = "";
      assert.equal(await run(["ui", "--no-open", "--", link], fixture), 0);
      const [, ticket] = /^http:\/\/127\.0\.0\.1:\d+\/#[\w-]{22}\.([a-z2-7]+)\n$/.exec(fixture.output.text) ??
        [];
      assert.equal(ticket, TICKET, link);
    }
    for (const link of ["pli:", "pli:blobaaa", `pli:${TICKET.slice(0, -9)}`, "pli:--overwrite"]) {
      fixture.error.text = "";
      assert.equal(await run(["ui", "--no-open", "--", link], fixture), 2);
      assert.match(fixture.error.text, /^error: This ticket cannot be read: /);
    }
    assert.equal(await run(["ui", "--no-open", "--", "holiday"], fixture), 2);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("E.15 ui: the terminal shows an address without a secret, and a code", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const fixture = new CliFixture(folder, { isTerminal: true });
    const home = await Home.open(fixture.environment);
    await using instance = (await Instance.tryTake(home))!;
    await using page = await ServedPage.serve(instance, PAGE_OPTIONS);
    // A desktop would open the address; Windows always has one.
    const withoutDesktop = Deno.build.os === "windows" ? [] : [["-q"], []];
    for (const more of [["--no-open"], ["--no-open", TICKET], ...withoutDesktop]) {
      fixture.output.text = fixture.error.text = "";
      assert.equal(await run(["ui", ...more], fixture), 0);
      assert.equal(fixture.output.text, `http://127.0.0.1:${page.port}/\n`);
      const code = /type this code there: (\w{4}-\w{4})\n/.exec(fixture.error.text)?.[1];
      assert.ok(code !== undefined, fixture.error.text);
      // The page that opens by this code does not have the ticket.
      assert.equal(
        fixture.error.text.includes(`Paste this ticket there: ${TICKET}\n`),
        more.includes(TICKET),
      );
      const answer = await fetch(`http://127.0.0.1:${page.port}/api/session`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ code }),
      });
      assert.equal(answer.status, 200);
      await answer.body?.cancel();
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test({
  ...needing(
    "E.15 ui: a browser without access to private folders is recognised by its installation",
    NOT_LINUX,
  ),
  fn: async () => {
    const data = await Deno.makeTempDir();
    try {
      const confined = (variables: Record<string, string>) => isBrowserConfined(environment(variables));
      for (const BROWSER of ["/snap/bin/firefox", "flatpak run org.mozilla.firefox"]) {
        assert.equal(await confined({ BROWSER }), true, BROWSER);
      }
      assert.equal(await confined({ BROWSER: "/usr/bin/firefox" }), false);
      assert.equal(await confined({ BROWSER: "/usr/bin/firefox", WSL_DISTRO_NAME: "Debian" }), true);
      const folder = `${data}/flatpak/exports/share/applications`;
      await Deno.mkdir(folder, { recursive: true });
      await Deno.writeTextFile(`${folder}/org.mozilla.firefox.desktop`, "");
      const of = (entry: string) => isEntryConfined(entry, environment({ XDG_DATA_HOME: data }));
      const entries = ["firefox_firefox.desktop", "org.mozilla.firefox.desktop", "firefox-esr.desktop"];
      assert.deepEqual(await Promise.all([...entries, "com.google.Chrome.desktop"].map(of)), [
        true,
        true,
        false,
        false,
      ]);
    } finally {
      await Deno.remove(data, { recursive: true });
    }
  },
});

Deno.test("E.15 ui: the URL of the file has no special character of a command processor", () => {
  // On Windows the drive is added.
  assert.equal(
    fileUrl("/h/a&b (1)/ü^%!/open-a_b-c.html").replace(/^file:\/\/\/[A-Z]:/, "file://"),
    "file:///h/a%26b%20%281%29/%C3%BC%5E%25%21/open-a_b-c.html",
  );
});

Deno.test("ui: with --json its address is a line, with the code that opens it once", async () => {
  const folder = await Deno.makeTempDir();
  try {
    // Where a browser would open otherwise.
    const fixture = new CliFixture(folder, { isTerminal: true, environment: { DISPLAY: ":0" } });
    const home = await Home.open(fixture.environment);
    await using instance = (await Instance.tryTake(home))!;
    await using page = await ServedPage.serve(instance, PAGE_OPTIONS);
    assert.equal(await run(["ui", "--json"], fixture), 0);
    const [line, ...others] = fixture.json();
    assert.deepEqual(others, []);
    const parts = { url: "", file: "", code: "" };
    assert.deepEqual({ ...line, ...parts }, { v: 1, type: "listening", ...parts });
    assert.ok((await Deno.readTextFile(String(line.file))).includes(String(line.url)));
    assert.match(String(line.code), /^\w{4}-\w{4}$/);
    const { origin, hash } = new URL(String(line.url));
    assert.equal(origin, `http://127.0.0.1:${page.port}`);
    const answer = await fetch(`${origin}/api/session`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "Origin": origin },
      body: JSON.stringify({ code: hash.slice(1) }),
    });
    assert.equal(answer.status, 200);
    await answer.body?.cancel();
    assert.equal(fixture.error.text, "");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("ui: options that a page which runs already ignores are named", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const home = await Home.open(new CliFixture(folder).environment);
    await using instance = (await Instance.tryTake(home))!;
    await using page = await ServedPage.serve(instance, PAGE_OPTIONS);
    const started = async (...line: string[]) => {
      const fixture = new CliFixture(folder);
      assert.equal(await run(["ui", "--no-open", ...line], fixture), 0);
      return fixture;
    };
    const unused = ["--relay", "disabled", "--dir", "there", "--port", "1"];
    const { error } = await started(...unused);
    assert.match(error.text, /^The page is already running, so --port, --dir,? and --relay had no effect\./);
    assert.match(error.text, /^Another pli serves the page already\. Ctrl-C in its terminal ends it\.$/m);
    const [first, second] = (await started(...unused, "--json")).json();
    assert.deepEqual(first, { v: 1, type: "options_unused", options: ["--port", "--dir", "--relay"] });
    assert.equal(second.type, "listening");
    const same = await started("--relay", "default", "--port", `${page.port}`, "--json");
    assert.deepEqual(same.json().map(({ type }) => type), ["listening"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("ui: a pli that holds the lock of the page and does not respond is an error with its own code", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const fixture = new CliFixture(folder);
    await using _silent = (await Instance.tryTake(await Home.open(fixture.environment)))!;
    assert.equal(await run(["ui", "--json"], fixture), 1);
    const [{ code, message, advice }] = fixture.json();
    assert.equal(code, "page_silent");
    assert.equal(message, `Another pli serves the page of ${folder}, and does not answer.`);
    assert.match(String(advice), /End that one/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
