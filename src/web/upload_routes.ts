// Routes for uploads: the announcement, the files in batches, then the completion.

import { Hono } from "hono";
import * as v from "valibot";
import type { TransferList } from "../app/transfers/transfer_list.ts";
import { UPLOAD_SKIPS, UploadRefused, type Uploads } from "../app/uploads.ts";
import { NAMES_KEPT } from "../app/views.ts";
import { readJson, readUpload } from "./bodies.ts";
import { WebError } from "./errors.ts";
import { COUNT, NAME, readBatch } from "./upload_batch.ts";

const SKIPPED = v.strictObject({
  reason: v.picklist(UPLOAD_SKIPS),
  count: v.pipe(COUNT, v.minValue(1)),
  names: v.pipe(v.array(NAME), v.maxLength(NAMES_KEPT)),
});
const UPLOAD_REQUEST = v.strictObject({
  files: v.pipe(COUNT, v.minValue(1), v.maxValue(1_000_000)),
  bytes: COUNT,
  title: NAME,
  otherNames: COUNT,
  keep: v.boolean(),
  skipped: v.pipe(v.array(SKIPPED), v.maxLength(UPLOAD_SKIPS.length)),
});
/** The skipped names make it longer than other requests. */
const REQUEST_MAXIMUM_BYTES = 1024 * 1024;

export function uploadRoutes(transfers: TransferList, uploads: Uploads): Hono {
  return new Hono()
    .post("/api/uploads", async (context) => {
      const plan = await readJson(context, UPLOAD_REQUEST, { maximumBytes: REQUEST_MAXIMUM_BYTES });
      return context.json({ id: await uploads.begin(plan) });
    })
    .post("/api/uploads/:id/files", async (context) => {
      const { readable, sizeBytes } = readUpload(context);
      await withApiErrors(async () => {
        const id = context.req.param("id");
        for await (const group of readBatch(readable, sizeBytes)) {
          await uploads.takeAll(id, group);
        }
      });
      return context.json({});
    })
    .post("/api/uploads/:id/complete", async (context) => {
      const { paths, keep, ...staged } = await withApiErrors(() => uploads.complete(context.req.param("id")));
      transfers.startShare(paths, keep, staged);
      return context.json({});
    })
    .delete("/api/uploads/:id", async (context) => {
      await withApiErrors(() => uploads.cancel(context.req.param("id")));
      return context.json({});
    });
}

/** Converts a refusal to the API's error. */
async function withApiErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UploadRefused) throw new WebError("upload_refused", { fault: error.fault });
    throw error;
  }
}
