// The port of the pump to the network binding: a stream of bytes from one process to another. Changes of the ports of
// the network are made here, and not in the pump.

import type { Connection, Endpoint } from "../../src/engine/ports.ts";
import { bindIroh } from "../system_ports.ts";

const ALPN = "pli/pump/1";
/** Number of bytes that a read awaits, if more are requested: fewer calls, but little memory. */
const TAKE_BYTES = 256 * 1024;

export interface Outgoing {
  /** The buffer may be reused when it resolves. */
  write(bytes: Uint8Array): Promise<void>;
}

export interface Incoming {
  /** Fills the buffer, unless the stream ends before. Resolves to the number of bytes, 0 at the end. */
  fill(buffer: Uint8Array): Promise<number>;
}

/** Calls `announce` with its address, and connects the one receiver with `pump`. */
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

/** Connects to the address that `serve` announced, and calls `pump` with the stream. */
export async function take(where: string, pump: (from: Incoming) => Promise<void>): Promise<void> {
  const [id, address] = where.split("@");
  const endpoint = await bind();
  const provider = { id: Uint8Array.fromHex(id), relayUrl: null, directAddresses: [address] };
  const connection = await endpoint.connect(provider, ALPN);
  const { send, receive } = await connection.openBi();
  // The peer accepts a stream only after the first byte on it.
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

/** Like pli: the limits of an endpoint, and so its windows, depend on whether it accepts connections. */
async function bind(accept?: (connection: Connection) => Promise<void>): Promise<Endpoint> {
  return await bindIroh({
    secretKey: crypto.getRandomValues(new Uint8Array(32)),
    relay: "disabled",
    bindAddresses: ["127.0.0.1:0"],
    lookup: "none",
    accept: new Map(accept && [[ALPN, accept]]),
  });
}
