// Files of a newer pli are not changed, and damaged ones are reported, also when a share or a download is continued.

import { deepStrictEqual, notDeepStrictEqual, strictEqual } from "node:assert";
import { join } from "node:path";
import { PageShares } from "../../src/app/transfers/page_shares.ts";
import { openDownload } from "../../src/app/transfers/open_download.ts";
import { listDownloads } from "../../src/app/transfers/unfinished_downloads.ts";
import type { Home } from "../../src/app/home.ts";
import { initialSettings, readSettings, writeSettings } from "../../src/app/settings.ts";
import { resumeShare } from "../../src/app/shares.ts";
import { parseTicket } from "../../src/engine/mod.ts";
import { TICKET } from "../cli/cli_fixture.ts";
import { withDamaged } from "./damages.ts";

const HASH = new Uint8Array(32);

/** Shares a file of the home until there is a ticket. */
async function share(home: Home): Promise<Uint8Array> {
  using open = await resumeShare(home, { paths: [join(home.path, "settings.json")], exclude: [] }, null);
  await open.ticketMade({ sockets: [], hash: HASH });
  await open.settled();
  return open.secretKey;
}

async function recordIn(home: Home, folder: string): Promise<string> {
  for await (const { name } of Deno.readDir(join(home.path, folder))) {
    if (name.endsWith(".json")) return join(home.path, folder, name);
  }
  throw new Error("there is no record");
}

Deno.test("E.23 records: that of a newer pli is neither used nor changed", async () => {
  await withDamaged([], async (home, notices) => {
    const key = await share(home);
    deepStrictEqual(await share(home), key);
    const path = await recordIn(home, "shares");
    const text = (await Deno.readTextFile(path)).replace(`"version": 1`, `"version": 7`);
    await Deno.writeTextFile(path, text);
    notDeepStrictEqual(await share(home), key);
    strictEqual(await Deno.readTextFile(path), text);

    {
      using open = await openDownload(home, {
        ticket: parseTicket(TICKET),
        folder: home.path,
        existing: "merge",
        only: [],
      }, null);
      await open.accepted({ files: [], bytes: 0, consents: [] } as never);
    }
    const download = await recordIn(home, "downloads");
    const newer = (await Deno.readTextFile(download)).replace(`"version": 2`, `"version": 3`);
    await Deno.writeTextFile(download, newer);
    deepStrictEqual(await listDownloads(home), []);
    {
      using open = await openDownload(home, {
        ticket: parseTicket(TICKET),
        folder: home.path,
        existing: "merge",
        only: [],
      }, null);
      strictEqual(open.hasRecord, true, "no other process has it");
      await open.finished();
    }
    strictEqual(await Deno.readTextFile(download), newer);
    deepStrictEqual(notices, []);
  });
});

Deno.test("E.23 records: a damaged one of a share is set aside and reported, and the share has another key", async () => {
  await withDamaged([], async (home, notices) => {
    const key = await share(home);
    const path = await recordIn(home, "shares");
    await Deno.truncate(path, 20);
    notDeepStrictEqual(await share(home), key);
    const [notice, ...others] = notices;
    deepStrictEqual([notice.code, others], ["file_set_aside", []]);
  });
});

Deno.test("E.23 the open shares of a newer pli are left unchanged", async () => {
  await withDamaged([], async (home, notices) => {
    const path = join(home.path, "desk.json");
    const text = `{"version":2,"shares":{"a":1}}`;
    await Deno.writeTextFile(path, text);
    const memory = new PageShares(home);
    deepStrictEqual(await memory.read(), []);
    memory.write([{ paths: ["/a"], keep: true }]);
    await memory.settled();
    deepStrictEqual([await Deno.readTextFile(path), notices], [text, []]);
  });
});

Deno.test("E.23 settings of a newer pli are kept when this one changes others", async () => {
  await withDamaged([], async (home) => {
    const path = join(home.path, "settings.json");
    await Deno.writeTextFile(path, `{"name":"Ada","shortcut":{"key":"x"}}`);
    const settings = await readSettings(home, initialSettings(() => "/h", "vm"));
    await writeSettings(home, { ...settings, theme: "dark" });
    const { name, theme, shortcut } = JSON.parse(await Deno.readTextFile(path));
    deepStrictEqual([name, theme, shortcut], ["Ada", "dark", { key: "x" }]);
  });
});

Deno.test("settings under the names of an earlier version are read, and the present names take precedence", async () => {
  await withDamaged([], async (home) => {
    const path = join(home.path, "settings.json");
    const initial = initialSettings(() => "/h", "vm");
    await Deno.writeTextFile(path, `{"look":"dark"}`);
    const settings = await readSettings(home, initial);
    deepStrictEqual(settings, { ...initial, theme: "dark" });
    await writeSettings(home, { ...settings, theme: "light" });
    deepStrictEqual((await readSettings(home, initial)).theme, "light");
  });
});
