// The settings of a page: which values are accepted, and that a limit applies at once to running transfers.

import assert from "node:assert/strict";
import { join } from "node:path";
import { History } from "../../src/app/history.ts";
import { Home } from "../../src/app/home.ts";
import { initialSettings, readSettings } from "../../src/app/settings.ts";
import { PliError, type ShareOptions } from "../../src/engine/mod.ts";
import { composeApp } from "../../src/web/api.ts";
import type { Failure } from "../../src/web/contract.ts";
import { PageBackend } from "../../src/web/page_backend.ts";
import { inTime } from "../time_limits.ts";

/** A page with a new home, whose shares run until they are stopped. */
async function withBackend(
  use: (given: {
    call: (method: string, path: string, body?: unknown) => Promise<{ status: number; body: unknown }>;
    /** The options of the share with this number, once it exists. */
    shared: (number: number) => Promise<ShareOptions>;
    home: Home;
    folder: string;
  }) => Promise<void>,
): Promise<void> {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  try {
    const home = await Home.open((name) => name === "PLI_HOME" ? join(folder, "home") : undefined);
    const requested = new Map<number, PromiseWithResolvers<ShareOptions>>();
    const askedFor = (number: number) => {
      return requested.getOrInsertComputed(number, () => Promise.withResolvers<ShareOptions>());
    };
    let shares = 0;
    const unexpected = () => Promise.reject(new Error("this was not expected"));
    const engine = {
      share: (options: ShareOptions) => {
        askedFor(shares++).resolve(options);
        const { promise, reject } = Promise.withResolvers<never>();
        options.signal!.addEventListener("abort", () => reject(new PliError("cancelled", {})));
        return promise;
      },
      fetch: unexpected,
      inspect: unexpected,
      discard: unexpected,
    };
    await using backend = await PageBackend.open({
      home,
      engine: () => Promise.resolve(engine),
      settings: initialSettings(() => folder, "here"),
      relay: null,
      version: "0",
      openFolder: () => Promise.resolve(),
      places: [],
    });
    const app = composeApp(backend.routes);
    await use({
      call: async (method, path, body) => {
        const headers = { "Content-Type": "application/json" };
        const response = await app.request(path, {
          method,
          headers,
          body: body === undefined ? null : JSON.stringify(body),
        });
        return { status: response.status, body: await response.json() };
      },
      shared: (number) => inTime(askedFor(number).promise, `share ${number}`),
      home,
      folder,
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a limit is stored, and applies at once to running transfers", async () => {
  await withBackend(async ({ call, shared, home, folder }) => {
    const { body: settings } = await call("GET", "/api/settings");
    assert.deepEqual(settings, {
      ...initialSettings(() => folder, "here"),
      sendBytesPerSecond: null,
      receiveBytesPerSecond: null,
    });
    const path = join(folder, "a.txt");
    await Deno.writeTextFile(path, "a");
    await call("POST", "/api/shares", { paths: [path], keep: false });
    const { limit } = await shared(0);
    assert.equal(limit?.bytesPerSecond, null);
    const chosen = { ...settings as object, sendBytesPerSecond: 2_000_000, receiveBytesPerSecond: 500_000 };
    assert.equal((await call("PUT", "/api/settings", chosen)).status, 200);
    assert.equal(limit?.bytesPerSecond, 2_000_000);
    assert.deepEqual(await readSettings(home, initialSettings(() => "/", "")), chosen);
    assert.equal((await call("PUT", "/api/settings", settings)).status, 200);
    assert.equal(limit?.bytesPerSecond, null);
  });
});

Deno.test("E.18 previews contain names only with the setting", async () => {
  await withBackend(async ({ call, shared, folder }) => {
    const path = join(folder, "a.txt");
    await Deno.writeTextFile(path, "a");
    const { body: settings } = await call("GET", "/api/settings");
    for (const previewNames of [false, true]) {
      await call("PUT", "/api/settings", { ...settings as object, previewNames });
      await call("POST", "/api/shares", { paths: [path], keep: false });
      assert.equal((await shared(previewNames ? 1 : 0)).previewNames, previewNames);
    }
  });
});

Deno.test("an invalid limit is refused, and in a file it counts as none", async () => {
  await withBackend(async ({ call, home }) => {
    const { body: settings } = await call("GET", "/api/settings");
    for (const wrong of [0, -1, 19_999, 20_000.5, 2 ** 53, "5M", true, undefined]) {
      const { body } = await call("PUT", "/api/settings", {
        ...settings as object,
        sendBytesPerSecond: wrong,
      });
      const { code, parameters } = body as Failure;
      assert.deepEqual([code, parameters.path], ["body_invalid", "sendBytesPerSecond"], String(wrong));
    }
    const initial = initialSettings(() => "/", "");
    const file = join(home.path, "settings.json");
    await Deno.writeTextFile(file, JSON.stringify({ name: "x", sendBytesPerSecond: 5 }));
    const read = await readSettings(home, initial);
    assert.deepEqual(read, { ...initial, name: "x" });
  });
});

Deno.test("the page shows what another pli has added to the history", async () => {
  await withBackend(async ({ call, home }) => {
    const titles = async () => {
      const { body } = await call("GET", "/api/history");
      return (body as { entries: { title: string }[] }).entries.map(({ title }) => title);
    };
    assert.deepEqual(await titles(), []);
    using other = await History.open(home);
    for (const title of ["one", "two"]) {
      other.add({
        kind: "sent",
        title,
        files: 1,
        bytes: 1,
        missing: 0,
        notChosen: 0,
        endedAt: Date.now(),
        paths: [],
      });
    }
    assert.deepEqual(await titles(), ["two", "one"]);
    other.clear();
    assert.deepEqual(await titles(), []);
  });
});

Deno.test("settings that are saved at once are all accepted, and the last ones stay", async () => {
  await withBackend(async ({ call, home, folder }) => {
    const initial = initialSettings(() => folder, "here");
    const saves = Array.from({ length: 100 }, (_, number) => {
      return call("PUT", "/api/settings", { ...initial, name: `n${number}` });
    });
    const statuses = (await Promise.all(saves)).map(({ status }) => status);
    assert.deepEqual([...new Set(statuses)], [200]);
    const { body } = await call("GET", "/api/settings");
    assert.deepEqual(await readSettings(home, initial), body);
    assert.equal((body as { name: string }).name, "n99");
  });
});
