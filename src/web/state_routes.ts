// Routes for the state of the page and its events.

import { Hono } from "hono";
import type { State } from "./contract.ts";
import { type EventFeed, eventResponse } from "./event_stream.ts";

/** `state` returns the present state. */
export function stateRoutes(state: () => State, feed: EventFeed): Hono {
  return new Hono()
    .get("/api/state", (context) => context.json(state()))
    .get("/api/events", (context) => eventResponse(context, feed));
}
