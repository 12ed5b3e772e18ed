// An unusable folder of pli, or unusable files in it: what works without it, and the notices.

import { deepStrictEqual, strictEqual, throws } from "node:assert";
import { join } from "node:path";
import { openDownloadWithFallback } from "../../src/app/transfers/open_download.ts";
import { AppError } from "../../src/app/errors.ts";
import { Home } from "../../src/app/home.ts";
import { homeIfUsable, nothingRemembered, reportedOnce } from "../../src/app/home_if_usable.ts";
import type { Notice } from "../../src/app/notices.ts";
import { resumeShare } from "../../src/app/shares.ts";
import { parseTicket } from "../../src/engine/mod.ts";
import { TICKET } from "../cli/cli_fixture.ts";
import { needing, NOT_ROOT } from "../left_out.ts";
import { othersRights } from "./temporary_home.ts";

const OTHER_USER_ID = 54_321;

async function inFolder(use: (folder: string, notices: Notice[]) => Promise<void>): Promise<void> {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  try {
    await use(folder, []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const from = (path: string) => (name: string) => name === "PLI_HOME" ? path : undefined;

Deno.test("E.14 home: a usable one is used, without a notice and without files left in it", () =>
  inFolder(async (folder, notices) => {
    const path = join(folder, "home");
    const home = await homeIfUsable(from(path), (notice) => notices.push(notice), ["shares"]);
    strictEqual(home?.path, path);
    deepStrictEqual(notices, []);
    deepStrictEqual([...Deno.readDirSync(path)].map(({ name }) => name), ["shares"]);
    deepStrictEqual([...Deno.readDirSync(join(path, "shares"))], []);
  }));

Deno.test("E.14 home: an unusable one is not used, and a notice has the reason", () =>
  inFolder(async (folder, notices) => {
    const taken = join(folder, "taken");
    await Deno.writeTextFile(taken, "");
    strictEqual(await homeIfUsable(from(taken), (notice) => notices.push(notice)), null);
    strictEqual(await homeIfUsable(() => undefined, (notice) => notices.push(notice)), null);
    deepStrictEqual(notices, [
      { code: "nothing_remembered", parameters: { reason: "home_unusable", path: taken } },
      { code: "nothing_remembered", parameters: { reason: "home_unknown" } },
    ]);
  }));

Deno.test({
  ...needing(
    "E.14 home: folders of another user in it stop no transfer, and are not used",
    NOT_ROOT,
  ),
  fn: () =>
    inFolder(async (folder, notices) => {
      const home = await Home.open(
        from(join(folder, "home")),
        reportedOnce((notice) => notices.push(notice)),
      );
      for (const name of ["shares", "downloads"]) {
        await Deno.mkdir(join(home.path, name), { mode: 0o700 });
        await Deno.chown(join(home.path, name), OTHER_USER_ID, OTHER_USER_ID);
      }
      const file = join(folder, "file");
      await Deno.writeTextFile(file, "");
      using share = await resumeShare(home, { paths: [file], exclude: [] }, null);
      await share.ticketMade({ sockets: [], hash: new Uint8Array(32) });
      const target = { ticket: parseTicket(TICKET), folder, existing: "merge", only: [] } as const;
      using download = await openDownloadWithFallback(home, target, null);
      deepStrictEqual([share.secretKey.length, download.secretKey.length], [32, 32]);
      strictEqual(download.hasRecord, false);
      const path = join(home.path, "shares");
      deepStrictEqual(notices, [{
        code: "nothing_remembered",
        parameters: { reason: "home_foreign", path },
      }]);
      for (const name of ["shares", "downloads"]) {
        deepStrictEqual([...Deno.readDirSync(join(home.path, name))], []);
      }
      strictEqual(await othersRights(path), 0);
    }),
});

Deno.test("E.14 home: runs without a home have different keys", async () => {
  const target = { ticket: parseTicket(TICKET), folder: null, existing: "merge", only: [] } as const;
  using first = await openDownloadWithFallback(null, target, null);
  using second = await openDownloadWithFallback(null, target, null);
  strictEqual(first.secretKey.toHex() === second.secretKey.toHex(), false);
  const own = new Uint8Array(32).fill(5);
  using third = await openDownloadWithFallback(null, target, own);
  deepStrictEqual(third.secretKey, own);
});

Deno.test("E.14 home: a defect of pli is no error of the home", () => {
  throws(() => nothingRemembered(new TypeError("x")), TypeError);
  strictEqual(nothingRemembered(new AppError("home_full", { path: "/p" })).parameters.path, "/p");
});
