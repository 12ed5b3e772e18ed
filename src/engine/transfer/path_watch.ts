// Reports the network path of a connection, when it is first known and whenever it changes.

import { hexOf } from "../hex.ts";
import type { OnEvent } from "../events.ts";
import type { Clock, Connection } from "../ports.ts";
import { closedSignal } from "./closed_signal.ts";

const INTERVAL_MS = 250;

/**
 * Watches until the connection is closed. Never rejects.
 *
 * @param isCurrent whether the connection is the one of its peer whose path is reported
 */
export async function watchPath(
  connection: Connection,
  clock: Clock,
  onEvent: OnEvent,
  isCurrent = () => true,
): Promise<void> {
  const id = hexOf(connection.remoteId);
  const closed = closedSignal(connection);
  let reported = "";
  try {
    for (;;) {
      const path = connection.path();
      const name = path === null ? reported : `${path.kind} ${path.address}`;
      if (path !== null && name !== reported && isCurrent()) onEvent({ type: "path", id, ...path });
      reported = isCurrent() ? name : "";
      await clock.sleep(INTERVAL_MS, closed);
    }
  } catch {
    // The sleep was ended because the connection is closed.
  }
}
