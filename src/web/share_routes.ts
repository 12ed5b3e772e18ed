// Routes for shares of this computer's files.

import { Hono } from "hono";
import * as v from "valibot";
import type { TransferList } from "../app/transfers/transfer_list.ts";
import { readJson } from "./bodies.ts";
import { WebError } from "./errors.ts";
import { ABSOLUTE_PATH, found } from "./routes.ts";

const MAXIMUM_PATHS = 1_000;

const SHARE_REQUEST = v.strictObject({
  paths: v.pipe(v.array(ABSOLUTE_PATH), v.minLength(1), v.maxLength(MAXIMUM_PATHS)),
  keep: v.boolean(),
});

export function shareRoutes(transfers: TransferList): Hono {
  return new Hono()
    .post("/api/shares", async (context) => {
      const { paths, keep } = await readJson(context, SHARE_REQUEST);
      return context.json({ id: transfers.startShare(paths, keep) });
    })
    .post("/api/shares/:id/stop", async (context) => {
      await transfers.stopShare(found(transfers.shares, context.req.param("id")));
      return context.json({});
    })
    .delete("/api/shares/:id", async (context) => {
      if (!await transfers.forget(found(transfers.shares, context.req.param("id")))) {
        throw new WebError("still_running", {});
      }
      return context.json({});
    });
}
