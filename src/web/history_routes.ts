// Routes for the history.

import { Hono } from "hono";
import type { TransferList } from "../app/transfers/transfer_list.ts";
import { type History, type NumberedEntry, withPresence } from "../app/history.ts";
import type { HistoryPage } from "./contract.ts";
import { WebError } from "./errors.ts";
import { numberOf } from "./routes.ts";

const SHOWN = 100;

export interface HistoryRoutesOptions {
  transfers: TransferList;
  history: History;
  openFolder: (path: string) => Promise<void>;
  /** Notifies the other pages. */
  onChange: () => void;
}

export function historyRoutes({ transfers, history, openFolder, onChange }: HistoryRoutesOptions): Hono {
  const entryOf = (id: string): NumberedEntry => {
    const entry = /^\d{1,15}$/.test(id) ? history.find(Number(id)) : null;
    if (entry === null) throw new WebError("id_unknown", {});
    return entry;
  };
  return new Hono()
    .get("/api/history", async (context) => {
      const before = numberOf(context, "before", Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
      const count = numberOf(context, "count", SHOWN, SHOWN);
      const { entries, more, unreadable } = history.before(before, count);
      const page: HistoryPage = { entries: await Promise.all(entries.map(withPresence)), more, unreadable };
      return context.json(page);
    })
    .post("/api/history/:id/open", async (context) => {
      const { paths: [path] } = entryOf(context.req.param("id"));
      if (path === undefined) throw new WebError("id_unknown", {});
      await openFolder(path);
      return context.json({});
    })
    .post("/api/history/:id/again", (context) => {
      const { paths } = entryOf(context.req.param("id"));
      if (paths.length === 0) throw new WebError("id_unknown", {});
      return context.json({ id: transfers.startShare(paths, false) });
    })
    .delete("/api/history/:id", (context) => {
      history.remove(entryOf(context.req.param("id")).id);
      onChange();
      return context.json({});
    })
    .delete("/api/history", (context) => {
      history.clear();
      onChange();
      return context.json({});
    });
}
