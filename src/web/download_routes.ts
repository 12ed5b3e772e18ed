// Routes for tickets and downloads.

import { Hono } from "hono";
import * as v from "valibot";
import type { TransferList } from "../app/transfers/transfer_list.ts";
import { titleOfOffer } from "../app/titles.ts";
import {
  EXISTING_POLICIES,
  formatTicket,
  type Offer,
  type OfferedFile,
  readPastedTicket,
} from "../engine/mod.ts";
import { readJson } from "./bodies.ts";
import type { PreviewBody } from "./contract.ts";
import { WebError } from "./errors.ts";
import { ABSOLUTE_PATH, found, numberOf } from "./routes.ts";

const NAMES_SHOWN = 10_000;
/** Maximum total length of a preview's names, in characters. */
const NAMES_MAXIMUM_LENGTH = 1024 * 1024;
/** A choice among that many names is longer than other requests. */
const CHOICE_MAXIMUM_BYTES = 4 * 1024 * 1024;
const FILES_SHOWN = 1_000;

const TICKET = v.pipe(v.string(), v.nonEmpty("a ticket"), v.maxLength(16_384));
const NAME = v.pipe(v.string(), v.nonEmpty("a name"), v.maxLength(4_096));
const PREVIEW_REQUEST = v.strictObject({ ticket: TICKET });
const RESUME_REQUEST = v.strictObject({ consents: v.optional(v.boolean(), false) });
const DOWNLOAD_REQUEST = v.strictObject({
  ticket: TICKET,
  folder: ABSOLUTE_PATH,
  existing: v.picklist(EXISTING_POLICIES),
  // An empty choice is refused, because in a record an empty list means everything.
  only: v.nullable(v.pipe(v.array(NAME), v.minLength(1), v.maxLength(100_000))),
  consents: v.boolean(),
});

export function downloadRoutes(transfers: TransferList, openFolder: (path: string) => Promise<void>): Hono {
  const idOf = (id: string) => found(transfers.downloads, id);
  return new Hono()
    .post("/api/previews", async (context) => {
      const ticket = readPastedTicket((await readJson(context, PREVIEW_REQUEST)).ticket);
      const { offer, unfinishedId } = await transfers.preview(ticket, context.req.raw.signal);
      const preview: PreviewBody = {
        ticket: formatTicket(ticket),
        ...titleOfOffer(offer),
        files: offer.files.length,
        bytes: offer.bytes,
        folders: offer.folders,
        hiddenFiles: offer.hiddenFiles,
        names: shownNames(offer),
        consents: offer.consents,
        unfinishedId,
      };
      return context.json(preview);
    })
    .post("/api/downloads", async (context) => {
      const request = await readJson(context, DOWNLOAD_REQUEST, { maximumBytes: CHOICE_MAXIMUM_BYTES });
      return context.json({
        id: transfers.startDownload({ ...request, ticket: readPastedTicket(request.ticket) }),
      });
    })
    .post("/api/downloads/:id/pause", async (context) => {
      await transfers.pauseDownload(idOf(context.req.param("id")));
      return context.json({});
    })
    .post("/api/downloads/:id/resume", async (context) => {
      const { consents } = await readJson(context, RESUME_REQUEST);
      await transfers.resumeDownload(idOf(context.req.param("id")), consents);
      return context.json({});
    })
    .post("/api/downloads/:id/discard", async (context) => {
      await transfers.discardDownload(idOf(context.req.param("id")));
      return context.json({});
    })
    .post("/api/downloads/:id/open", async (context) => {
      const id = idOf(context.req.param("id"));
      await openFolder(transfers.downloads.find((download) => download.id === id)!.folder!);
      return context.json({});
    })
    .get("/api/downloads/:id/files", (context) => {
      const from = numberOf(context, "from", 0, Number.MAX_SAFE_INTEGER);
      const count = numberOf(context, "count", FILES_SHOWN, FILES_SHOWN);
      return context.json(transfers.filesOf(idOf(context.req.param("id")), from, count));
    })
    .delete("/api/downloads/:id", async (context) => {
      if (!await transfers.forget(idOf(context.req.param("id")))) throw new WebError("still_running", {});
      return context.json({});
    });
}

/** The first files of an offer, as many as the page can list. */
function shownNames({ files }: Offer): OfferedFile[] {
  const shown: OfferedFile[] = [];
  let length = 0;
  for (const file of files) {
    length += file.name.length;
    if (shown.length === NAMES_SHOWN || length > NAMES_MAXIMUM_LENGTH) break;
    shown.push(file);
  }
  return shown;
}
