import assert from "node:assert/strict";
import { join } from "node:path";
import { sourcesDigest } from "../../scripts/build_page.ts";
import { SOURCES_DIGEST } from "../../src/web/built_page.ts";
import { askRunning, Instance } from "../../src/web/instance.ts";
import { listenLocally, USUAL_PORT } from "../../src/web/listen.ts";
import { ServedPage } from "../../src/web/page.ts";
import { OPEN_PATH, SESSION_PATH } from "../../src/web/session_routes.ts";
import { othersRights, withHome } from "../app/temporary_home.ts";
import { PAGE_OPTIONS, request, send } from "./raw_http.ts";

Deno.test("C.21 a second pli opens the page of the first, by a fresh code", async () => {
  await withHome(async (home) => {
    await using instance = (await Instance.tryTake(home))!;
    // The first one is just starting when it is asked.
    const asked = askRunning(home);
    await using page = await ServedPage.serve(instance, PAGE_OPTIONS);
    assert.match((await asked)!, new RegExp(`:${page.port}/#`));
    assert.equal(await Instance.tryTake(home), null);
    const url = new URL((await askRunning(home))!);
    assert.equal(url.origin, `http://127.0.0.1:${page.port}`);
    const body = JSON.stringify({ code: url.hash.slice(1) });
    const answer = await request(page, "POST", SESSION_PATH, { body });
    assert.equal(answer.status, 200);
    assert.notEqual(await askRunning(home), url.href);
  });
});

Deno.test("C.21 the secret of a run is for its user alone, and asked for", async () => {
  await withHome(async (home, folder) => {
    await using instance = (await Instance.tryTake(home))!;
    await using page = await ServedPage.serve(instance, PAGE_OPTIONS);
    const path = join(folder, "home", "page.json");
    assert.equal(await othersRights(path), 0);
    const { secret } = JSON.parse(await Deno.readTextFile(path));
    const ask = async (body: object) =>
      (await request(page, "POST", OPEN_PATH, { body: JSON.stringify(body) })).status;
    assert.equal(await ask({ secret }), 200);
    assert.equal(await ask({ secret: `${secret}A` }), 401);
    assert.equal(await ask({}), 422);
    assert.equal((await request(page, "GET", "/api/state", { token: secret })).status, 401);
  });
});

Deno.test("the page of a home can be served again after it was closed, and after a crash", async () => {
  await withHome(async (home, folder) => {
    const note = join(folder, "home", "page.json");
    let left = "";
    {
      await using instance = (await Instance.tryTake(home))!;
      await using page = await ServedPage.serve(instance, PAGE_OPTIONS);
      assert.match((await askRunning(home))!, new RegExp(`:${page.port}/`));
      left = await Deno.readTextFile(note);
    }
    assert.deepEqual([...Deno.readDirSync(home.path)], []);
    await assert.rejects(send(JSON.parse(left).port, ["GET / HTTP/1.1", "", ""]));
    await Deno.writeTextFile(note, left);
    await using instance = (await Instance.tryTake(home))!;
    await using page = await ServedPage.serve(instance, PAGE_OPTIONS);
    assert.match((await askRunning(home))!, new RegExp(`:${page.port}/`));
  });
});

Deno.test("C.19 the usual port is left to who has it at either address", async () => {
  const refusal = Object.assign(new Error("taken"), { code: "EADDRINUSE" });
  const taken = (isTaken: (host: string, port: number) => boolean) => {
    const open: string[] = [];
    let free = 9_000;
    const listen = (host: string, asked: number) => {
      const port = asked === 0 ? free++ : asked;
      if (isTaken(host, port)) return Promise.reject(refusal);
      open.push(`${host} ${port}`);
      return Promise.resolve(port);
    };
    return { open, listen, close: () => Promise.resolve(void open.splice(0)) };
  };
  const both = (port: number) => [`127.0.0.1 ${port}`, `::1 ${port}`];
  const none = taken(() => false);
  assert.equal(await listenLocally(none, null), USUAL_PORT);
  assert.deepEqual(none.open, both(USUAL_PORT));
  for (const address of ["127.0.0.1", "::1"]) {
    const one = taken((host, port) => host === address && port <= 9_000);
    const port = await listenLocally(one, null);
    assert.ok(port >= 9_000);
    assert.deepEqual(one.open, both(port));
    await assert.rejects(listenLocally(taken((host) => host === address), 1234), refusal);
  }
});

Deno.test("the built page is that of its sources: deno run -A scripts/build_page.ts makes it", async () => {
  assert.equal(SOURCES_DIGEST, await sourcesDigest());
});
