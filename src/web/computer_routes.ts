// This computer's folders and the user's settings.

import { Hono } from "hono";
import * as v from "valibot";
import { listFolder } from "../app/folders.ts";
import { isLimit, relayChoice } from "../app/settings.ts";
import { readJson } from "./bodies.ts";
import type { FolderListing, Settings } from "./contract.ts";
import { WebError } from "./errors.ts";
import { ABSOLUTE_PATH } from "./routes.ts";

const LIMIT = v.custom<number | null>(isLimit, "a limit");

const SETTINGS = v.strictObject({
  name: v.pipe(v.string(), v.maxLength(100)),
  look: v.picklist(["system", "light", "dark"]),
  language: v.nullable(v.pipe(v.string(), v.maxLength(35))),
  downloadFolder: ABSOLUTE_PATH,
  relay: v.pipe(v.string(), v.maxLength(2_048), v.check((text) => relayChoice(text) !== null, "a relay")),
  ticketKind: v.picklist(["relay", "id", "addresses", "all"]),
  sendBytesPerSecond: LIMIT,
  receiveBytesPerSecond: LIMIT,
});

export interface ComputerRoutesOptions {
  settings: () => Settings;
  change: (settings: Settings) => Promise<void>;
  /** Where choosing begins. */
  places: () => FolderListing["places"];
}

export function computerRoutes({ settings, change, places }: ComputerRoutesOptions): Hono {
  return new Hono()
    .get("/api/folders", async (context) => {
      const path = context.req.query("path") ?? places()[0]?.path ?? "/";
      if (!v.is(ABSOLUTE_PATH, path)) throw new WebError("query_invalid", { name: "path" });
      try {
        return context.json(await listFolder(path, places()));
      } catch (cause) {
        throw new WebError("folder_unreadable", { path }, { cause });
      }
    })
    .get("/api/settings", (context) => context.json(settings()))
    .put("/api/settings", async (context) => {
      await change(await readJson(context, SETTINGS));
      return context.json(settings());
    });
}
