// This computer's folders and the user's settings.

import { Hono } from "hono";
import * as v from "valibot";
import { listFolder } from "../app/folders.ts";
import { relayChoice, SETTING } from "../app/settings.ts";
import { isUnreachableRelay } from "../engine/mod.ts";
import { readJson } from "./bodies.ts";
import type { FolderListing, Settings } from "./contract.ts";
import { WebError } from "./errors.ts";
import { ABSOLUTE_PATH } from "./routes.ts";

/** Values from a page have further bounds. */
const SETTINGS = v.strictObject({
  ...SETTING,
  downloadFolder: ABSOLUTE_PATH,
  relay: v.pipe(v.string(), v.maxLength(2_048), v.check(isUsableRelay, "a relay")),
});

function isUsableRelay(text: string): boolean {
  const relay = relayChoice(text);
  return relay !== null && !(typeof relay === "object" && isUnreachableRelay(relay.url));
}

export interface ComputerRoutesOptions {
  settings: () => Settings;
  change: (settings: Settings) => Promise<void>;
  /** Start points of choosing. */
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
