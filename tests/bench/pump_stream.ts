// The seam between the pump and the network binding: a stream of bytes from one process to another, and nothing
// else. What changes with the ports of the network changes here; the pump itself does not.

import type { Connection, Endpoint } from "../../src/engine/ports.ts";
import { bindIroh } from "../system_ports.ts";

const ALPN = "pli/pump/1";
/** How much has to wait before it is taken, if more is wanted: fewer calls, but not much memory. */
const TAKE_BYTES = 256 * 1024;

export interface Outgoing {
  /** The bytes may be used again when it resolves. */
  write(bytes: Uint8Array): Promise<void>;
}

export interface Incoming {
  /** Fills the buffer as far as there is something to come; how many bytes that are, 0 at the end. */
  fill(buffer: Uint8Array): Promise<number>;
}

/** Waits for the one receiver, whom `announce` has told where, and gives it what `pump` writes. */
export async function serve(
  announce: (where: string) => Promise<void>,
  pump: (to: Outgoing) => Promise<void>,
): Promise<void> {
  const served = Promise.withResolvers<void>();
  const endpoint = await bind(async (connection) => {
    const stream = await connection.acceptBi();
    if (stream === null) return;
    await pump({ write: (bytes) => stream.send.write([bytes]) });
    await stream.send.finish();
    await connection.closed;
    served.resolve();
  });
  const { id, directAddresses } = endpoint.address();
  await announce(`${id.toHex()}@${directAddresses[0]}`);
  await served.promise;
  await endpoint.close();
}

/** Connects to what `serve` announced, and gives `pump` what comes. */
export async function take(where: string, pump: (from: Incoming) => Promise<void>): Promise<void> {
  const [id, address] = where.split("@");
  const endpoint = await bind();
  const provider = { id: Uint8Array.fromHex(id), relayUrl: null, directAddresses: [address] };
  const connection = await endpoint.connect(provider, ALPN);
  const { send, receive } = await connection.openBi();
  // A stream is there for the other side only when something has been said on it.
  await send.write([Uint8Array.of(1)]);
  await pump({
    async fill(buffer) {
      let filled = 0;
      while (filled < buffer.length) {
        const wanted = buffer.length - filled;
        const waiting = Math.min(wanted, await receive.ready(Math.min(TAKE_BYTES, wanted)));
        if (waiting === 0) break;
        receive.take([buffer.subarray(filled, filled + waiting)]);
        filled += waiting;
      }
      return filled;
    },
  });
  connection.close(0);
  await endpoint.close();
}

/** As pli's own: what an endpoint may hold, and so its windows, follow from whether it is there for others. */
async function bind(accept?: (connection: Connection) => Promise<void>): Promise<Endpoint> {
  return await bindIroh({
    secretKey: crypto.getRandomValues(new Uint8Array(32)),
    relay: "disabled",
    bindAddresses: ["127.0.0.1:0"],
    lookup: "none",
    accept: new Map(accept && [[ALPN, accept]]),
  });
}
