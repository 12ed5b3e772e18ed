// What the page shows at first, and what happens from then on.

import { Hono } from "hono";
import type { State } from "./contract.ts";
import { type EventFeed, eventResponse } from "./event_stream.ts";

/** `state` gives what is to be seen now. */
export function stateRoutes(state: () => State, feed: EventFeed): Hono {
  return new Hono()
    .get("/api/state", (context) => context.json(state()))
    .get("/api/events", (context) => eventResponse(context, feed));
}
