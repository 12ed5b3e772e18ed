// The two doors for whoever has no token yet: a page trades the code of its URL for one, and another pli of the
// same user, which can read this run's file, gets a fresh code.

import { Hono } from "hono";
import * as v from "valibot";
import { readJson } from "./bodies.ts";
import { WebError } from "./errors.ts";
import { isSameSecret, type Session } from "./session.ts";

export const SESSION_PATH = "/api/session";
export const OPEN_PATH = "/api/open";
/** Paths that are asked without a token. */
export const EXCHANGE_PATHS: ReadonlySet<string> = new Set([SESSION_PATH, OPEN_PATH]);

const SECRET = v.pipe(v.string(), v.maxLength(128));

/** `openSecret` is what the file of this run has. */
export function sessionRoutes(session: Session, openSecret: string): Hono {
  return new Hono()
    .post(SESSION_PATH, async (context) => {
      const { code } = await readJson(context, v.strictObject({ code: SECRET }));
      const token = session.trade(code);
      if (token === null) throw new WebError("code_spent", {});
      return context.json({ token });
    })
    .post(OPEN_PATH, async (context) => {
      const { secret } = await readJson(context, v.strictObject({ secret: SECRET }));
      if (!isSameSecret(openSecret, secret)) throw new WebError("secret_wrong", {});
      return context.json({ code: session.newCode() });
    });
}
