// Whether a share can have the port of last time again. Asked before anything is hashed, so that a port that
// somebody else took costs nothing.

import { createSocket } from "node:dgram";

/** Whether nobody uses this UDP port. */
export function isPortFree(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = createSocket("udp4");
  socket.once("error", () => socket.close(() => resolve(false)));
  socket.bind(port, "0.0.0.0", () => socket.close(() => resolve(true)));
  return promise;
}
