// Ends requests whose bodies stall. An upload may take any time as a whole, so its stalls are limited. After the
// answer was sent, the rest of the body is discarded.

import type { IncomingMessage, ServerResponse } from "node:http";

export interface BodyLimits {
  /** In each window of this length `windowBytes` must arrive, or the rest of the body. */
  windowMs: number;
  windowBytes: number;
  /** Time for a client that is still sending to read its answer. */
  lingerMs: number;
}

/** If a window's end is handled later than by this part of it, the process was suspended. */
const LATE_PART = 1 / 4;

/** Watches a request until its connection is free for the next one or closed. */
export function watchBody(request: IncomingMessage, response: ServerResponse, limits: BodyLimits): void {
  const { socket } = request;
  let seenBytes = socket.bytesRead;
  let wasServerSlow = false;
  let dueMs = performance.now() + limits.windowMs;
  const timer = setInterval(() => {
    if (request.complete) return ends();
    const lateMs = performance.now() - dueMs;
    dueMs = performance.now() + limits.windowMs;
    const movedBytes = socket.bytesRead - seenBytes;
    seenBytes = socket.bytesRead;
    // While received data is not consumed, the server is the slow side. The same holds after this process was
    // suspended, because received data was not read.
    const wasSuspended = lateMs > limits.windowMs * LATE_PART;
    const isServerSlow = request.readableLength > 0 || request.isPaused() || wasSuspended;
    // A window after one in which the server was slow does not count either.
    const isLate = movedBytes < limits.windowBytes && !isServerSlow && !wasServerSlow;
    wasServerSlow = isServerSlow;
    if (isLate) socket.destroy();
  }, limits.windowMs);
  const ends = () => clearInterval(timer);
  socket.once("close", ends);
  response.once("finish", () => {
    ends();
    // The connection may serve further requests.
    socket.off("close", ends);
    if (!request.complete) setTimeout(() => request.complete || socket.destroy(), limits.lingerMs);
  });
}
