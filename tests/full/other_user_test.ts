// Every place in which another user of the computer could read, change, or use data of pli, with real processes of two
// users. It needs root, to run programs as both.

import assert from "node:assert/strict";
import { needing, NOT_ROOT } from "../left_out.ts";
import { ADA, canBeOthers, INTRUDER, pidsOf, treeOf, TwoUsers, until } from "./other_user/two_users.ts";

const LOCAL = ["--relay", "disabled"];

function test(name: string, work: (users: TwoUsers) => Promise<void>): void {
  Deno.test({
    ...needing(name, NOT_ROOT, canBeOthers ? null : "no program can be run as another user"),
    async fn() {
      await using users = await TwoUsers.create();
      await work(users);
    },
  });
}

interface Page {
  pids: number[];
  port: number;
  secrets: Record<"note" | "code" | "typed" | "token", string>;
  file: string;
}

/** The page of ada, opened in the browser by the file, with all of its secrets. */
async function openPage(users: TwoUsers, ...more: string[]): Promise<Page> {
  const pli = users.pli(["ui", ...LOCAL, "--port", `${freePort()}`, ...more], { isSeen: true });
  const argument = await until(() => users.adas("browser.argument"), () => pli.output);
  assert.match(argument, /^file:\/\/.*\/open-[\w-]{12}\.html$/);
  const redirect = await users.adas("browser.file");
  const url = /url=(http:\/\/127\.0\.0\.1:(\d+)\/#([\w-]+))"/.exec(redirect);
  assert.ok(url !== null, redirect);
  // The fake browser does not open it, so the terminal shows the code.
  const typed = await until(
    async () => /type this code: (\w{4}-\w{4})/.exec(await users.adas("terminal/typescript"))?.[1] ?? null,
    () => pli.output,
  );
  const note = JSON.parse(await users.adas("pli/page.json"));
  assert.equal(String(note.port), url[2]);
  return {
    pids: await pidsOf(ADA),
    port: note.port,
    secrets: { note: note.secret, code: url[3], typed, token: "" },
    file: argument.slice("file://".length),
  };
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Exchanges a code as root, which is permitted. */
async function tokenFor(port: number, code: string): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/api/session`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ code }),
  });
  const answer = await response.json();
  assert.equal(response.status, 200, JSON.stringify(answer));
  return answer.token;
}

test("E.15 another user finds no secret of the page in any place", async (users) => {
  const { intruder, bench, home } = users;
  await intruder.does("watch");
  const page = await openPage(users);
  const { note, code, typed } = page.secrets;
  const secrets = [note, code, typed, typed.replace("-", "")];
  const lines = await intruder.does<string[]>("stop_watching");
  const places: Record<string, () => unknown> = {
    "command lines": () => {
      assert.ok(lines.some((line) => line.includes("xdg-open")), "the browser's was seen");
      return lines.filter((line) => secrets.some((secret) => line.includes(secret)));
    },
    "the browser's environment": async () => {
      const text = await users.adas("browser.environment");
      return secrets.filter((secret) => text.includes(secret));
    },
    "what /proc says of pli and of what it started": async () => {
      const paths = page.pids.map((pid) => `/proc/${pid}`);
      const { found, read } = await intruder.does<{ found: string[]; read: string[] }>("search", {
        paths,
        secrets,
      });
      const isPrivate = (path: string) =>
        /^\/proc\/\d+\/(environ|maps|mem|fd|fdinfo|io|stack|map_files)(\/|$)/.test(path);
      return [...found, ...read.filter(isPrivate)];
    },
    "pli's folder": async () => (await intruder.does<{ read: string[] }>("search", { paths: [home] })).read,
    "temporary files, shared memory": async () => {
      const paths = [bench.path("shared"), "/dev/shm"];
      return (await intruder.does<{ found: string[] }>("search", { paths, secrets })).found;
    },
    "the list of local sockets": async () => {
      const paths = ["/proc/net"];
      return (await intruder.does<{ found: string[] }>("search", { paths, secrets: [...secrets, home] }))
        .found;
    },
    "changes in pli's folder, its locks and the file of the opening": async () => {
      const paths = await treeOf(home);
      assert.ok(
        paths.some((path) => path.endsWith("page.lock")) && paths.includes(page.file),
        paths.join("\n"),
      );
      return await intruder.does("touch", { paths });
    },
    "signals": async () => {
      const answers = [];
      for (const pid of page.pids) answers.push(await intruder.does("kill", { pid }));
      return answers.filter((answer) => answer === "killed");
    },
    "addresses that pli listens on besides loopback": async () => {
      const rows = (await Deno.readTextFile("/proc/net/tcp")).split("\n").map((row) =>
        row.trim().split(/ +/)
      );
      return rows.filter(([, local, , state, , , , uid]) => {
        return uid === `${ADA}` && state === "0A" && !local.startsWith("0100007F:");
      });
    },
  };
  const outcomes: Record<string, unknown> = {};
  for (const [place, look] of Object.entries(places)) outcomes[place] = await look();
  assert.deepEqual(outcomes, Object.fromEntries(Object.keys(places).map((place) => [place, []])));
  // No readable file of a program of ada, such as one of Deno, contains a secret.
  assert.deepEqual(
    (await intruder.does<{ found: string[] }>("search", { paths: [bench.folder], secrets })).found,
    [],
  );
});

test("E.15 another user with every code gets no token, and ada gets one notice", async (users) => {
  const { intruder } = users;
  const page = await openPage(users);
  const { note, code, typed } = page.secrets;
  const request = async (path: string, body?: unknown) => {
    const url = `http://127.0.0.1:${page.port}${path}`;
    const answer = await intruder.does<{ status: number; text: string }>("request", {
      url,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    return [answer.status, path === "/" ? "" : JSON.parse(answer.text).code];
  };
  assert.deepEqual(await request("/"), [200, ""], "the files of the page are public");
  for (let turn = 0; turn < 60; turn++) {
    assert.deepEqual(
      await request("/api/session", { code: "0000-0000" }),
      [403, "user_refused"],
      "guesses do not count",
    );
  }
  for (const one of [code, typed]) {
    assert.deepEqual(await request("/api/session", { code: one }), [403, "user_refused"]);
  }
  assert.deepEqual(await request("/api/open", { secret: note }), [403, "user_refused"]);
  for (const path of ["/api/state", "/api/events", "/api/settings", "/api/folders?path=/", "/api/history"]) {
    assert.deepEqual(await request(path), [401, "session_missing"]);
  }
  // Exchanges of ada neither count as the second ones, nor are rate-limited.
  const token = await tokenFor(page.port, code);
  assert.equal(await tokenFor(page.port, typed), token);
  const headers = { Authorization: `Bearer ${token}` };
  const state = await (await fetch(`http://127.0.0.1:${page.port}/api/state`, { headers })).json();
  assert.deepEqual(state.notices, [{ code: "user_refused", parameters: { uid: `${INTRUDER}` } }]);
  assert.match(await users.adas("terminal/typescript"), new RegExp(`user ID ${INTRUDER}\\) tried to open`));
});

test("E.15 a second pli of ada opens the page of the first, and one with a separate home leaves no readable file", async (users) => {
  const { intruder, bench } = users;
  const page = await openPage(users);
  const again = users.pli(["ui", ...LOCAL, "--json"]);
  assert.equal(await again.ended(), 0, again.output);
  // The line before reports that --relay has no effect on a running page.
  const lines = again.stdout.all.map((line) => JSON.parse(line));
  const { url, file, code } = lines.find(({ url }) => url !== undefined);
  assert.equal(new URL(url).port, `${page.port}`);
  assert.deepEqual(await intruder.does("touch", { paths: [file] }), []);
  await tokenFor(page.port, code);
  const separate = users.pli(["ui", ...LOCAL, "--json", "--separate"]);
  const line = await separate.stdout.first((text) =>
    text.includes("listening") ? JSON.parse(text) : undefined
  );
  assert.ok(line !== undefined, separate.output);
  assert.ok(line.file.startsWith(`${bench.path("shared")}/pli-home-`), line.file);
  const folder = line.file.slice(0, line.file.lastIndexOf("/"));
  const { read } = await intruder.does<{ read: string[] }>("search", { paths: [folder] });
  const touched = await intruder.does<string[]>("touch", { paths: await treeOf(folder) });
  // Its parent is writable by every user.
  assert.deepEqual([read, touched.filter((one) => one !== `make ${folder}.planted`)], [[], []]);
  await Deno.remove(`${folder}.planted`);
  await separate.stop("SIGTERM");
  assert.deepEqual([...Deno.readDirSync(bench.path("shared"))], [], "the home is removed with its run");
});

test("E.15 another user finds no ticket and no key of a transfer", async (users) => {
  const { intruder, bench, home } = users;
  await Deno.writeTextFile(bench.path("ada", "letter.txt"), "dear intruder", { mode: 0o600 });
  await Deno.chown(bench.path("ada", "letter.txt"), ADA, ADA);
  await intruder.does("watch");
  const sender = users.pli(["send", ...LOCAL, "--bind", "127.0.0.1:0", "--json", "--keep", "letter.txt"]);
  const ticket = await sender.stdout.first((text) =>
    text.includes(`"ticket"`) ? JSON.parse(text).ticket : undefined
  );
  assert.ok(ticket !== undefined, sender.output);
  const receiver = users.pli(["receive", ...LOCAL, "--json", "-o", bench.path("ada", "in/")], {
    env: { PLI_TICKET: ticket, PLI_HOME: bench.path("ada", "pli2") },
  });
  assert.equal(await receiver.ended(), 0, receiver.output);
  const lines = await intruder.does<string[]>("stop_watching");
  assert.ok(lines.some((line) => line.includes("receive")));
  const record = (await treeOf(home)).find((path) => /shares\/\w+\.json$/.test(path))!;
  const { secretKey } = JSON.parse(await Deno.readTextFile(record));
  const secrets = [ticket, secretKey];
  assert.deepEqual(lines.filter((line) => secrets.some((secret) => line.includes(secret))), []);
  const paths = [bench.folder, "/proc/net", "/dev/shm", ...(await pidsOf(ADA)).map((pid) => `/proc/${pid}`)];
  assert.deepEqual((await intruder.does<{ found: string[] }>("search", { paths, secrets })).found, []);
  const homes = [...await treeOf(home), ...await treeOf(bench.path("ada", "pli2"))];
  assert.deepEqual(await intruder.does("touch", { paths: homes }), []);
});

test("E.24 a folder or a link of another user is refused as the home, and unchanged", async (users) => {
  const { intruder, bench } = users;
  const [folder, link] = [bench.path("shared", "home"), bench.path("shared", "link")];
  await Deno.mkdir(users.home, { mode: 0o700 });
  await Deno.chown(users.home, ADA, ADA);
  await intruder.does("make_folder", { paths: [folder] });
  await intruder.does("make_link", { paths: [users.home, link] });
  for (const [path, codes] of [[folder, /^home_foreign$/], [link, /^home_(foreign|denied)$/]] as const) {
    for (const args of [["history", "--json"], ["resume", "--json"]]) {
      const pli = users.pli(args, { env: { PLI_HOME: path } });
      assert.equal(await pli.ended(), 5, pli.output);
      const { code } = JSON.parse(pli.stdout.all.at(-1)!);
      assert.match(code, codes);
    }
  }
  assert.equal((await Deno.stat(folder)).mode! & 0o7777, 0o777);
  assert.deepEqual([...Deno.readDirSync(folder)], []);
  // The folder that all users can write to.
  const shared = users.pli(["history", "--json"], { env: { PLI_HOME: bench.path("shared") } });
  assert.equal(await shared.ended(), 5, shared.output);
  assert.equal((await Deno.stat(bench.path("shared"))).mode! & 0o7777, 0o1777);
});
