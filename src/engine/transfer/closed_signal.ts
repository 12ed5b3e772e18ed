// The end of a connection as an AbortSignal, for sleeps that end with it.

import type { Connection } from "../ports.ts";

/** A signal that is aborted when the connection is closed. */
export function closedSignal({ closed }: Pick<Connection, "closed">): AbortSignal {
  const controller = new AbortController();
  closed.then(() => controller.abort());
  return controller.signal;
}
