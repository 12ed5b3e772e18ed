// The wait for receivers at the end of a share: only a receiver knows when it has read the last answer.

import type { Clock, Connection } from "../../ports.ts";
import { withDeadline } from "../deadline.ts";

const CLOSING_MS = 500;
const CLOSING_ROUND_TRIPS = 4;

/**
 * Resolves when the peer has closed each connection, or after half a second and some round trips of it, because the
 * peer of a dead path never closes it. Never rejects.
 */
export async function drained(connections: Iterable<Connection>, clock: Clock): Promise<void> {
  await Promise.all(Array.from(connections, async (connection) => {
    const limitMs = CLOSING_MS + CLOSING_ROUND_TRIPS * (connection.path()?.rttMs ?? 0);
    await withDeadline(clock, limitMs, connection.closed).catch(() => {});
  }));
}
