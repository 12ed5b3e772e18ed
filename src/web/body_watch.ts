// The end of bodies that do not end by themselves. How long an upload may take as a whole is nobody's to say,
// so what is limited is how long it may stand still; and once the answer is out, what still comes is nobody's
// any more.

import type { IncomingMessage, ServerResponse } from "node:http";

export interface BodyLimits {
  /** In each such time so many bytes have to come, or the rest. */
  windowMs: number;
  windowBytes: number;
  /** How long a client that still sends may take to read its answer. */
  lingerMs: number;
}

/** Watches a request until its connection is free for the next one, or closed. */
export function watchBody(request: IncomingMessage, response: ServerResponse, limits: BodyLimits): void {
  const { socket } = request;
  let seenBytes = socket.bytesRead;
  let wereSlow = false;
  const timer = setInterval(() => {
    if (request.complete) return ends();
    const movedBytes = socket.bytesRead - seenBytes;
    seenBytes = socket.bytesRead;
    // While what came has not been taken, here or by whom it was handed on to, it is we who are slow.
    const areSlow = request.readableLength > 0 || request.isPaused();
    // Who was slow until a moment ago has left the client no time.
    const isLate = movedBytes < limits.windowBytes && !areSlow && !wereSlow;
    wereSlow = areSlow;
    if (isLate) socket.destroy();
  }, limits.windowMs);
  const ends = () => clearInterval(timer);
  socket.once("close", ends);
  response.once("finish", () => {
    ends();
    // The connection lives on for other requests.
    socket.off("close", ends);
    if (!request.complete) setTimeout(() => request.complete || socket.destroy(), limits.lingerMs);
  });
}
