// What a page does with tickets and downloads.

import { Hono } from "hono";
import * as v from "valibot";
import type { Desk } from "../app/desk.ts";
import { titleOf } from "../app/titles.ts";
import { readJson } from "./bodies.ts";
import type { Preview } from "./contract.ts";
import { WebError } from "./errors.ts";
import { ABSOLUTE_PATH, found, numberOf } from "./routes.ts";

const NAMES_SHOWN = 10_000;
/** A choice among that many names is longer than what else is asked. */
const CHOICE_MAXIMUM_BYTES = 4 * 1024 * 1024;
const FILES_SHOWN = 1_000;

const TICKET = v.pipe(v.string(), v.maxLength(16_384));
const PREVIEW_REQUEST = v.strictObject({ ticket: TICKET });
const RESUME_REQUEST = v.strictObject({ consents: v.optional(v.boolean(), false) });
const DOWNLOAD_REQUEST = v.strictObject({
  ticket: TICKET,
  folder: ABSOLUTE_PATH,
  existing: v.picklist(["merge", "overwrite", "rename", "skip"]),
  only: v.nullable(v.pipe(v.array(v.pipe(v.string(), v.maxLength(4_096))), v.maxLength(100_000))),
  consents: v.boolean(),
});

export function downloadRoutes(desk: Desk, openFolder: (path: string) => Promise<void>): Hono {
  const idOf = (id: string) => found(desk.downloads, id);
  return new Hono()
    .post("/api/previews", async (context) => {
      const { ticket: text } = await readJson(context, PREVIEW_REQUEST);
      const { ticket, offer, unfinishedId } = await desk.preview(text);
      const preview: Preview = {
        ticket,
        title: titleOf(offer.files.map(({ name }) => name)),
        files: offer.files.length,
        bytes: offer.bytes,
        names: offer.files.slice(0, NAMES_SHOWN),
        consents: offer.consents,
        unfinishedId,
      };
      return context.json(preview);
    })
    .post("/api/downloads", async (context) => {
      const request = await readJson(context, DOWNLOAD_REQUEST, { maximumBytes: CHOICE_MAXIMUM_BYTES });
      return context.json({ id: desk.startDownload(request) });
    })
    .post("/api/downloads/:id/pause", async (context) => {
      await desk.pauseDownload(idOf(context.req.param("id")));
      return context.json({});
    })
    .post("/api/downloads/:id/resume", async (context) => {
      const { consents } = await readJson(context, RESUME_REQUEST);
      await desk.resumeDownload(idOf(context.req.param("id")), consents);
      return context.json({});
    })
    .post("/api/downloads/:id/discard", async (context) => {
      await desk.discardDownload(idOf(context.req.param("id")));
      return context.json({});
    })
    .post("/api/downloads/:id/open", async (context) => {
      const id = idOf(context.req.param("id"));
      await openFolder(desk.downloads.find((download) => download.id === id)!.folder);
      return context.json({});
    })
    .get("/api/downloads/:id/files", (context) => {
      const from = numberOf(context, "from", 0, Number.MAX_SAFE_INTEGER);
      const count = numberOf(context, "count", FILES_SHOWN, FILES_SHOWN);
      return context.json(desk.filesOf(idOf(context.req.param("id")), from, count));
    })
    .delete("/api/downloads/:id", (context) => {
      if (!desk.forget(idOf(context.req.param("id")))) throw new WebError("still_running", {});
      return context.json({});
    });
}
