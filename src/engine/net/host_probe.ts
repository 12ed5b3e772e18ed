// Checks whether a host is reachable, by calls of the runtime, for the stock binding, which has none.

import { lookup } from "node:dns/promises";
import { connect, isIP } from "node:net";
import { deferred } from "../deferred.ts";
import { IS_DENO } from "../system.ts";

/**
 * Whether a host's name resolves or, for an IP address, its port accepts a connection within `timeoutMs`. True where
 * Deno's permissions do not allow the check. Never rejects.
 */
export async function hostAnswers(host: string, port: number, timeoutMs: number): Promise<boolean> {
  if (IS_DENO && !await isAllowed(host, port)) return true;
  if (isIP(host) !== 0) return await portAccepts(host, port, timeoutMs);
  const { promise: late, resolve } = deferred<false>();
  const timer = setTimeout(resolve, timeoutMs, false);
  try {
    return await Promise.race([lookup(host).then(() => true, () => false), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Whether Deno permits a connection there. Checked first, because Deno would otherwise prompt the user. */
async function isAllowed(host: string, port: number): Promise<boolean> {
  const name = isIP(host) === 6 ? `[${host}]` : host;
  const { state } = await Deno.permissions.query({ name: "net", host: `${name}:${port}` });
  return state === "granted";
}

function portAccepts(host: string, port: number, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: timeoutMs });
    const end = (isAccepted: boolean) => {
      socket.destroy();
      resolve(isAccepted);
    };
    socket.once("connect", () => end(true)).once("error", () => end(false)).once("timeout", () => end(false));
  });
}
