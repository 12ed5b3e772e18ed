// The two routes without a token: a page exchanges a code for one, and another pli of the same user, which can read
// this run's note, gets an opening.

import { Hono } from "hono";
import * as v from "valibot";
import { parseTicket, type Ticket } from "../engine/mod.ts";
import { readJson } from "./bodies.ts";
import { WebError } from "./errors.ts";
import type { Opening } from "./opening.ts";
import { isSameSecret, type Session } from "./session.ts";

export const SESSION_PATH = "/api/session";
export const OPEN_PATH = "/api/open";
/** Paths without a token. */
export const EXCHANGE_PATHS: ReadonlySet<string> = new Set([SESSION_PATH, OPEN_PATH]);

const SECRET = v.pipe(v.string(), v.maxLength(128));
const OPEN_BODY = v.strictObject({ secret: SECRET, ticket: v.optional(v.string()) });

/** `openSecret` is the secret of this run's note; `open` creates an opening, which may have a ticket. */
export function sessionRoutes(
  session: Session,
  openSecret: string,
  open: (ticket?: Ticket) => Promise<Opening>,
): Hono {
  return new Hono()
    .post(SESSION_PATH, async (context) => {
      const { code } = await readJson(context, v.strictObject({ code: SECRET }));
      const trade = session.trade(code);
      if (trade.fault === null) return context.json({ token: trade.token });
      const { code: fault, ...parameters } = trade.fault;
      throw new WebError(fault, parameters);
    })
    .post(OPEN_PATH, async (context) => {
      const { secret, ticket } = await readJson(context, OPEN_BODY);
      if (!isSameSecret(openSecret, secret)) throw new WebError("secret_wrong", {});
      return context.json(await open(ticket === undefined ? undefined : parseTicket(ticket)));
    });
}
