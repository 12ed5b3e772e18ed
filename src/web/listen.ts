// Which port the page has: the one that was asked for, or pli's usual one, or whichever is free. It is the same
// at 127.0.0.1 and at ::1, since a browser may take localhost for either; another program there would be asked
// in our name.

/** The port when none is asked for, so that the page's address can be kept as a bookmark. */
export const USUAL_PORT = 4777;
/** How many free ports are tried until one is free at both addresses. */
const ATTEMPTS = 8;
const TAKEN = "EADDRINUSE";
/** What a system without IPv6 says. */
const NO_ADDRESS: ReadonlySet<unknown> = new Set(["EADDRNOTAVAIL", "EAFNOSUPPORT", "ENETUNREACH", "EINVAL"]);

/** What can be listened with. */
export interface Listening {
  listen(host: string, port: number): Promise<number>;
  close(): Promise<void>;
}

/** Listens at both addresses; resolves to the port. Null is any, the usual one first. Rejects like `listen`. */
export async function listenLocally(server: Listening, port: number | null): Promise<number> {
  if (port !== null) return await listenAtBoth(server, port);
  for (let attempt = 0;; attempt++) {
    try {
      return await listenAtBoth(server, attempt === 0 ? USUAL_PORT : 0);
    } catch (error) {
      if (codeOf(error) !== TAKEN || attempt === ATTEMPTS) throw error;
    }
  }
}

async function listenAtBoth(server: Listening, asked: number): Promise<number> {
  const port = await server.listen("127.0.0.1", asked);
  try {
    await server.listen("::1", port);
  } catch (error) {
    if (!NO_ADDRESS.has(codeOf(error))) {
      await server.close();
      throw error;
    }
  }
  return port;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
