// Uploads of browsers, complete, slow, abandoned and cancelled.

import assert from "node:assert/strict";
import { basename } from "node:path";
import { Home } from "../../src/app/home.ts";
import type { Notice } from "../../src/app/notices.ts";
import { type StagedFiles, UPLOAD_IDLE_MS, UploadRefused, Uploads } from "../../src/app/uploads.ts";
import type { ShareView } from "../../src/app/views.ts";
import { VirtualClock } from "../fakes/virtual_clock.ts";
import { withHome } from "./temporary_home.ts";

const PLAN = { files: 2, bytes: 6, title: "a", otherNames: 1, keep: false, skipped: [] };

const DAY_MS = 24 * 60 * 60 * 1000;

interface Setting {
  home: Home;
  uploads: Uploads;
  clock: VirtualClock;
  /** Calls of the listener: views, and the ids of cancelled uploads. */
  reported: (ShareView | string)[];
  staged: () => string[];
  /** Resolves when the upload of this id was cancelled. */
  isGone: (id: string) => Promise<void>;
}

async function withUploads(use: (setting: Setting) => Promise<void>): Promise<void> {
  const clock = new VirtualClock();
  await withHome(async (home) => {
    const reported: (ShareView | string)[] = [];
    const gone = new Map<string, PromiseWithResolvers<void>>();
    const goneOf = (id: string) => gone.getOrInsertComputed(id, () => Promise.withResolvers<void>());
    const onCancelled = (id: string) => {
      reported.push(id);
      goneOf(id).resolve();
    };
    const listener = { onView: (view: ShareView) => reported.push(view), onCancelled };
    await using uploads = await Uploads.open(home, listener);
    await use({
      home,
      uploads,
      clock,
      reported,
      staged: () => [...Deno.readDirSync(`${home.path}/uploads`)].map(({ name }) => name),
      isGone: (id) => goneOf(id).promise,
    });
  }, clock);
}

const stream = (text: string) => new Blob([text]).stream();

Deno.test("an upload is staged, shared, and removed with its share", () =>
  withUploads(async ({ uploads, clock, staged }) => {
    const skipped = [{ reason: "unreadable", count: 1, names: ["d"] }] as const;
    const id = await uploads.begin({ ...PLAN, skipped });
    assert.deepEqual(uploads.views[0].skipped, skipped);
    await uploads.take(id, "a/b.txt", stream("abc"));
    await assert.rejects(uploads.complete(id), UploadRefused);
    await uploads.take(id, "c.txt", stream("def"));
    const { paths, remove, leave: _, ...rest } = await uploads.complete(id);
    assert.deepEqual(rest, { id, keep: false, skipped });
    assert.deepEqual(paths.map((path) => basename(path)), ["a", "c.txt"]);
    assert.equal(await Deno.readTextFile(`${paths[0]}/b.txt`), "abc");
    await clock.pass(2 * UPLOAD_IDLE_MS);
    assert.equal(staged().length, 3, "the folder, its lock and its record");
    await remove();
    assert.deepEqual(staged(), []);
  }));

/** An upload that is shared when its process ends. */
async function leftUpload({ uploads }: Setting): Promise<StagedFiles> {
  const id = await uploads.begin({ ...PLAN, keep: true });
  await uploads.take(id, "a/b.txt", stream("abc"));
  await uploads.take(id, "c.txt", stream("def"));
  const staged = await uploads.complete(id);
  staged.leave();
  return staged;
}

/** Opens the home again, as each pli does. */
function reopen({ home, clock }: Setting, notify?: (notice: Notice) => void): Promise<Home> {
  return Home.open((name) => name === "PLI_HOME" ? home.path : undefined, notify, clock);
}

const SILENT = { onView: () => {}, onCancelled: () => {} };

Deno.test("a complete upload outlives its process, and is removed with its share in a later one", () =>
  withUploads(async (setting) => {
    const { paths } = await leftUpload(setting);
    await using later = await Uploads.open(await reopen(setting), SILENT);
    const [again, ...others] = await later.left();
    assert.deepEqual(others, []);
    assert.deepEqual([again.paths, again.keep, again.skipped], [paths, true, []]);
    assert.equal(await Deno.readTextFile(`${paths[0]}/b.txt`), "abc");
    await reopen(setting);
    assert.deepEqual(await later.left(), [], "it is in use");
    await again.remove();
    assert.deepEqual(setting.staged(), []);
  }));

Deno.test("a complete upload that was not shared for 90 days is removed when the home is opened", () =>
  withUploads(async (setting) => {
    const { staged, clock } = setting;
    await leftUpload(setting);
    const age = async (days: number) => {
      const then = new Date(clock.epochMs() - days * DAY_MS);
      const record = staged().find((name) => name.endsWith(".json"))!;
      await Deno.utime(`${setting.home.path}/uploads/${record}`, then, then);
    };
    await age(89);
    await reopen(setting);
    assert.equal(staged().length, 2);
    await age(91);
    await reopen(setting);
    assert.deepEqual(staged(), []);
  }));

Deno.test("a complete upload with an invalid record is removed with a notice, one of a newer pli is not", () =>
  withUploads(async (setting) => {
    for (const change of [{ names: ["../a"] }, { names: [] }, { keep: 1 }, { version: 2 }]) {
      await leftUpload(setting);
      const record = setting.staged().find((name) => name.endsWith(".json"))!;
      const path = `${setting.home.path}/uploads/${record}`;
      await Deno.writeTextFile(
        path,
        JSON.stringify({ ...JSON.parse(await Deno.readTextFile(path)), ...change }),
      );
      const notices: Notice[] = [];
      await using later = await Uploads.open(await reopen(setting, (notice) => notices.push(notice)), SILENT);
      assert.deepEqual(await later.left(), []);
      const isNewer = "version" in change;
      assert.deepEqual(notices, isNewer ? [] : [{ code: "shares_unreadable", parameters: { count: 1 } }]);
      assert.equal(setting.staged().length, isNewer ? 2 : 0);
    }
  }));

Deno.test("an upload without a request in progress is abandoned after a time, a slow one is not", () =>
  withUploads(async ({ uploads, clock, reported, staged, isGone }) => {
    const id = await uploads.begin(PLAN);
    let controller: ReadableStreamDefaultController<Uint8Array>;
    const slow = new ReadableStream<Uint8Array>({ start: (given) => void (controller = given) });
    const taken = uploads.take(id, "a.txt", slow);
    controller!.enqueue(new TextEncoder().encode("abc"));
    await clock.pass(2 * UPLOAD_IDLE_MS);
    assert.equal(uploads.views.length, 1);
    controller!.error(new Error("the tab was closed"));
    await assert.rejects(taken, /the tab was closed/);
    assert.equal(uploads.views[0].doneBytes, 0);
    await clock.pass(UPLOAD_IDLE_MS - 1);
    assert.equal(uploads.views.length, 1);
    await clock.pass(1);
    await isGone(id);
    assert.deepEqual([uploads.views, staged(), reported.at(-1)], [[], [], id]);
  }));

Deno.test("a cancelled upload is not reported any more", () =>
  withUploads(async ({ uploads, reported }) => {
    const id = await uploads.begin(PLAN);
    let controller: ReadableStreamDefaultController<Uint8Array>;
    const isRead = Promise.withResolvers<void>();
    const slow = new ReadableStream<Uint8Array>({
      start: (given) => void (controller = given),
      pull: () => isRead.resolve(),
    }, { highWaterMark: 0 });
    const taken = uploads.take(id, "a.txt", slow);
    await isRead.promise;
    await uploads.cancel(id);
    controller!.enqueue(new TextEncoder().encode("abcdef"));
    controller!.error(new Error("stopped"));
    await assert.rejects(taken);
    assert.equal(reported.at(-1), id);
  }));
