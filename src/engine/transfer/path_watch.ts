// Tells which network path a connection uses, when that is known first and whenever it changes.

import type { OnEvent } from "../events.ts";
import type { Clock, Connection } from "../ports.ts";

const INTERVAL_MS = 250;

/** Watches until the connection is closed. Never rejects. */
export async function watchPath(connection: Connection, clock: Clock, onEvent: OnEvent): Promise<void> {
  const id = connection.remoteId.toHex();
  const closed = new AbortController();
  connection.closed.then(() => closed.abort());
  let told = "";
  try {
    for (;;) {
      const path = connection.path();
      const name = path === null ? told : `${path.kind} ${path.address}`;
      if (path !== null && name !== told) onEvent({ type: "path", id, ...path });
      told = name;
      await clock.sleep(INTERVAL_MS, closed.signal);
    }
  } catch {
    // The sleep was ended because the connection is closed.
  }
}
