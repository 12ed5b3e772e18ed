// What browsers bring, and what becomes of it when they go away.

import assert from "node:assert/strict";
import { UploadRefused, Uploads } from "../../src/app/uploads.ts";
import type { ShareView } from "../../src/app/views.ts";
import { withHome } from "./temporary_home.ts";

const PATIENCE_MS = 100;
const PLAN = { files: 2, bytes: 6, title: null, keep: false, skipped: [] };

async function withUploads(
  use: (uploads: Uploads, told: (ShareView | string)[], staged: () => string[]) => Promise<void>,
): Promise<void> {
  await withHome(async (home) => {
    const told: (ShareView | string)[] = [];
    const listener = { onView: (view: ShareView) => told.push(view), onGone: (id: string) => told.push(id) };
    await using uploads = await Uploads.open(home, listener, PATIENCE_MS);
    await use(uploads, told, () => [...Deno.readDirSync(`${home.path}/uploads`)].map(({ name }) => name));
  });
}

const stream = (text: string) => new Blob([text]).stream();
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

Deno.test("an upload is staged, shared, and gone with its share", () =>
  withUploads(async (uploads, _, staged) => {
    const skipped = [{ reason: "unreadable", count: 1, names: ["d"] }] as const;
    const id = await uploads.begin({ ...PLAN, skipped });
    assert.deepEqual(uploads.views[0].skipped, skipped);
    await uploads.take(id, "a/b.txt", stream("abc"));
    assert.throws(() => uploads.complete(id), UploadRefused);
    await uploads.take(id, "c.txt", stream("def"));
    const { paths, remove, ...rest } = uploads.complete(id);
    assert.deepEqual(rest, { id, keep: false, skipped });
    assert.deepEqual(paths.map((path) => path.split("/").at(-1)), ["a", "c.txt"]);
    assert.equal(await Deno.readTextFile(`${paths[0]}/b.txt`), "abc");
    await pause(2 * PATIENCE_MS);
    assert.equal(staged().length, 2);
    await remove();
    assert.deepEqual(staged(), []);
  }));

Deno.test("an upload for which nothing comes any more is given up, one that is slow is not", () =>
  withUploads(async (uploads, told, staged) => {
    const id = await uploads.begin(PLAN);
    let controller: ReadableStreamDefaultController<Uint8Array>;
    const slow = new ReadableStream<Uint8Array>({ start: (given) => void (controller = given) });
    const taken = uploads.take(id, "a.txt", slow);
    controller!.enqueue(new TextEncoder().encode("abc"));
    await pause(2 * PATIENCE_MS);
    assert.equal(uploads.views.length, 1);
    controller!.error(new Error("the tab was closed"));
    await assert.rejects(taken, /the tab was closed/);
    assert.equal(uploads.views[0].doneBytes, 0);
    await pause(2 * PATIENCE_MS);
    assert.deepEqual([uploads.views, staged(), told.at(-1)], [[], [], id]);
  }));

Deno.test("nothing is told of an upload after it was given up", () =>
  withUploads(async (uploads, told) => {
    const id = await uploads.begin(PLAN);
    let controller: ReadableStreamDefaultController<Uint8Array>;
    const slow = new ReadableStream<Uint8Array>({ start: (given) => void (controller = given) });
    const taken = uploads.take(id, "a.txt", slow);
    await pause(10);
    await uploads.cancel(id);
    controller!.enqueue(new TextEncoder().encode("abcdef"));
    controller!.error(new Error("stopped"));
    await assert.rejects(taken);
    assert.equal(told.at(-1), id);
  }));
