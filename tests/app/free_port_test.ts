import { strictEqual } from "node:assert";
import { createSocket } from "node:dgram";
import { isPortFree } from "../../src/app/free_port.ts";

Deno.test("free port: tells a port in use from a free one", async () => {
  const socket = createSocket("udp4");
  const { promise: bound, resolve } = Promise.withResolvers<void>();
  socket.bind(0, "0.0.0.0", () => resolve());
  await bound;
  const { port } = socket.address();
  strictEqual(await isPortFree(port), false);
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  strictEqual(await isPortFree(port), true);
});
