import assert from "node:assert/strict";
import { join } from "node:path";
import { Instance, openRunningPage } from "../../src/web/instance.ts";
import { listenLocally, USUAL_PORT } from "../../src/web/listen.ts";
import { ServedPage } from "../../src/web/page.ts";
import { OPEN_PATH, SESSION_PATH } from "../../src/web/session_routes.ts";
import { othersRights, withHome } from "../app/temporary_home.ts";
import { eventually } from "../time_limits.ts";
import { PAGE_OPTIONS, request, send } from "./raw_http.ts";

Deno.test("C.21 a second pli opens the page of the first, by a fresh code", async () => {
  await withHome(async (home) => {
    await using instance = (await Instance.tryTake(home))!;
    // The first pli is still starting at the request.
    const opening = openRunningPage(home);
    await using page = await ServedPage.serve(instance, PAGE_OPTIONS);
    assert.match((await opening)!.url, new RegExp(`:${page.port}/#`));
    assert.equal(await Instance.tryTake(home), null);
    const url = new URL((await openRunningPage(home))!.url);
    assert.equal(url.origin, `http://127.0.0.1:${page.port}`);
    const body = JSON.stringify({ code: url.hash.slice(1) });
    const answer = await request(page, "POST", SESSION_PATH, { body });
    assert.equal(answer.status, 200);
    assert.notEqual((await openRunningPage(home))!.url, url.href);
  });
});

Deno.test("C.21 the secret of a run is private, and required", async () => {
  await withHome(async (home, folder) => {
    await using instance = (await Instance.tryTake(home))!;
    await using page = await ServedPage.serve(instance, PAGE_OPTIONS);
    const path = join(folder, "home", "page.json");
    assert.equal(await othersRights(path), 0);
    const { secret } = JSON.parse(await Deno.readTextFile(path));
    const call = async (body: object) =>
      (await request(page, "POST", OPEN_PATH, { body: JSON.stringify(body) })).status;
    assert.equal(await call({ secret }), 200);
    assert.equal(await call({ secret: `${secret}A` }), 401);
    assert.equal(await call({}), 422);
    assert.equal((await request(page, "GET", "/api/state", { token: secret })).status, 401);
  });
});

Deno.test("E.15 the file that opens the browser is private, and removed when its code was used", async () => {
  await withHome(async (home) => {
    const files = () =>
      [...Deno.readDirSync(home.path)].map(({ name }) => name).filter((name) => /^open-/.test(name));
    await using instance = (await Instance.tryTake(home))!;
    // A file of a killed run.
    for (
      const name of [
        "open-aaaaaaaaaaaa.html",
        "open-bbbbbbbbbbbb.html.tmp",
        "open-cccccccccccc.html.tmp-0123abcd",
      ]
    ) {
      await Deno.writeTextFile(join(home.path, name), "old");
    }
    {
      await using page = await ServedPage.serve(instance, PAGE_OPTIONS);
      assert.deepEqual(files(), []);
      const [first, second] = [await page.newOpening(), (await openRunningPage(home))!];
      assert.equal(files().length, 2);
      assert.deepEqual([await othersRights(first.file), await othersRights(home.path)], [0, 0]);
      const text = await Deno.readTextFile(first.file);
      assert.ok(text.includes(`content="0; url=${first.url}"`), text);
      const trade = (code: string) => request(page, "POST", SESSION_PATH, { body: JSON.stringify({ code }) });
      assert.equal((await trade(new URL(first.url).hash.slice(1))).status, 200);
      await eventually(() => files().length === 1, "the file of the used code is removed");
      assert.deepEqual(files().map((name) => join(home.path, name)), [second.file]);
      // The short code is another one.
      assert.equal((await trade(second.code)).status, 200);
    }
    assert.deepEqual(files(), []);
  });
});

Deno.test("the page of a home can be served again after a close, and after a crash", async () => {
  await withHome(async (home, folder) => {
    const note = join(folder, "home", "page.json");
    let left = "";
    {
      await using instance = (await Instance.tryTake(home))!;
      await using page = await ServedPage.serve(instance, PAGE_OPTIONS);
      assert.match((await openRunningPage(home))!.url, new RegExp(`:${page.port}/`));
      left = await Deno.readTextFile(note);
    }
    assert.deepEqual([...Deno.readDirSync(home.path)], []);
    await assert.rejects(send(JSON.parse(left).port, ["GET / HTTP/1.1", "", ""]));
    await Deno.writeTextFile(note, left);
    await using instance = (await Instance.tryTake(home))!;
    await using page = await ServedPage.serve(instance, PAGE_OPTIONS);
    assert.match((await openRunningPage(home))!.url, new RegExp(`:${page.port}/`));
  });
});

Deno.test("C.19 the usual port is not used if another program has it at either address", async () => {
  const refusal = Object.assign(new Error("taken"), { code: "EADDRINUSE" });
  const taken = (isTaken: (host: string, port: number) => boolean) => {
    const open: string[] = [];
    let free = 9_000;
    const listen = (host: string, requested: number) => {
      const port = requested === 0 ? free++ : requested;
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
