// What a page does with shares of this computer's own files.

import { Hono } from "hono";
import * as v from "valibot";
import type { Desk } from "../app/desk.ts";
import { readJson } from "./bodies.ts";
import { WebError } from "./errors.ts";
import { ABSOLUTE_PATH, found } from "./routes.ts";

const MAXIMUM_PATHS = 1_000;

const SHARE_REQUEST = v.strictObject({
  paths: v.pipe(v.array(ABSOLUTE_PATH), v.minLength(1), v.maxLength(MAXIMUM_PATHS)),
  keep: v.boolean(),
});

export function shareRoutes(desk: Desk): Hono {
  return new Hono()
    .post("/api/shares", async (context) => {
      const { paths, keep } = await readJson(context, SHARE_REQUEST);
      return context.json({ id: desk.startShare(paths, keep) });
    })
    .post("/api/shares/:id/stop", async (context) => {
      await desk.stopShare(found(desk.shares, context.req.param("id")));
      return context.json({});
    })
    .delete("/api/shares/:id", (context) => {
      if (!desk.forget(found(desk.shares, context.req.param("id")))) throw new WebError("still_running", {});
      return context.json({});
    });
}
