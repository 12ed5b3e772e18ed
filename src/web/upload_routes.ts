// What a browser brings: first how much it is, then each file as an octet stream, then that it is all.

import { Hono } from "hono";
import * as v from "valibot";
import type { Desk } from "../app/desk.ts";
import { UploadRefused, type Uploads } from "../app/uploads.ts";
import { readJson, readUpload } from "./bodies.ts";
import { WebError } from "./errors.ts";

const COUNT = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const NAME = v.pipe(v.string(), v.minLength(1), v.maxLength(4_096));
const REASONS = ["unreadable", "empty_folder", "name_not_portable"] as const;
const SKIPPED = v.strictObject({
  reason: v.picklist(REASONS),
  count: COUNT,
  names: v.pipe(v.array(NAME), v.maxLength(100)),
});
const UPLOAD_REQUEST = v.strictObject({
  files: v.pipe(COUNT, v.minValue(1), v.maxValue(1_000_000)),
  bytes: COUNT,
  title: v.nullable(NAME),
  keep: v.boolean(),
  skipped: v.pipe(v.array(SKIPPED), v.maxLength(REASONS.length)),
});
/** Names that are left out make it longer than what else is asked. */
const REQUEST_MAXIMUM_BYTES = 1024 * 1024;

export function uploadRoutes(desk: Desk, uploads: Uploads): Hono {
  return new Hono()
    .post("/api/uploads", async (context) => {
      const plan = await readJson(context, UPLOAD_REQUEST, { maximumBytes: REQUEST_MAXIMUM_BYTES });
      return context.json({ id: await uploads.begin(plan) });
    })
    .put("/api/uploads/:id/files", async (context) => {
      const name = context.req.query("name");
      if (!v.is(NAME, name)) throw new WebError("query_invalid", { name: "name" });
      const { readable } = readUpload(context);
      await told(() => uploads.take(context.req.param("id"), name, readable));
      return context.json({});
    })
    .post("/api/uploads/:id/complete", async (context) => {
      const { paths, keep, ...staged } = await told(() =>
        Promise.resolve(uploads.complete(context.req.param("id")))
      );
      desk.startShare(paths, keep, staged);
      return context.json({});
    })
    .delete("/api/uploads/:id", async (context) => {
      await told(() => uploads.cancel(context.req.param("id")));
      return context.json({});
    });
}

/** A refusal as the API tells it. */
async function told<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UploadRefused) throw new WebError("upload_refused", { fault: error.fault });
    throw error;
  }
}
