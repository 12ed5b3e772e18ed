// Shared parts of the route modules: paths of this computer, and lookups by id.

import type { Context } from "hono";
import { isAbsolute } from "node:path";
import * as v from "valibot";
import { WebError } from "./errors.ts";

const PATH_MAXIMUM = 4_096;

/** An absolute path of this computer: never empty, and Unicode without lone surrogates. */
export const ABSOLUTE_PATH = v.pipe(
  v.string(),
  v.maxLength(PATH_MAXIMUM),
  v.check((path) => isAbsolute(path) && !path.includes("\0") && path.isWellFormed(), "an absolute path"),
);

/** Returns the id if a view has it. Throws WebError `id_unknown`. */
export function found(views: readonly { id: string }[], id: string): string {
  if (!views.some((view) => view.id === id)) throw new WebError("id_unknown", {});
  return id;
}

/** A whole number of the query, at most `maximum`. Throws WebError `query_invalid`. */
export function numberOf(context: Context, name: string, otherwise: number, maximum: number): number {
  const text = context.req.query(name);
  if (text === undefined) return otherwise;
  const number = Number(text);
  if (!/^\d{1,15}$/.test(text) || number > maximum) throw new WebError("query_invalid", { name });
  return number;
}
