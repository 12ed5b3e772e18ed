// The port of the page: the requested one, or pli's usual one, or a free one. It is the same at 127.0.0.1 and at ::1,
// because a browser may resolve localhost to either, and another program on that port would get the requests.

/** The default port, so that the page's address can be a bookmark. */
export const USUAL_PORT = 4777;
/** Number of free ports that are tried until one is free at both addresses. */
const ATTEMPTS = 8;
const USED = "EADDRINUSE";
/** The codes of a system without IPv6. */
const NO_ADDRESS: ReadonlySet<unknown> = new Set(["EADDRNOTAVAIL", "EAFNOSUPPORT", "ENETUNREACH", "EINVAL"]);

/** What can be listened with. */
export interface Listening {
  listen(host: string, port: number): Promise<number>;
  close(): Promise<void>;
}

/** Listens at both addresses; resolves to the port. With null any port, the usual one first. Rejects like `listen`. */
export async function listenLocally(server: Listening, port: number | null): Promise<number> {
  if (port !== null) return await listenAtBoth(server, port);
  for (let attempt = 0;; attempt++) {
    try {
      return await listenAtBoth(server, attempt === 0 ? USUAL_PORT : 0);
    } catch (error) {
      if (codeOf(error) !== USED || attempt === ATTEMPTS) throw error;
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
